package lexical

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// gluedRE matches codes that other texts write with a space: "LT628" as "LT 628".
var gluedRE = regexp.MustCompile(`^(\p{L}{1,6})([0-9]{1,6})$`)

// withGluedParts adds the letters and the number of each code of a query as its parts, since
// passages have other terms for a code that is written with a space. The parts of a code with a
// hyphen are terms already.
func withGluedParts(query string, terms []Term) []Term {
	for i := 0; i < len(terms); i++ {
		t := terms[i]
		m := gluedRE.FindStringSubmatch(t.Text)
		if m == nil || t.Part || utf8.RuneCountInString(query[t.Start:t.End]) > utf8.RuneCountInString(t.Text) {
			continue
		}
		part := Term{Start: t.Start, End: t.End, Part: true}
		letters, number := part, part
		letters.Text, number.Text = m[1], m[2]
		terms = slices.Insert(terms, i+1, letters, number)
		i += 2
	}
	return terms
}
