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

// NeededParts returns the terms of a query without the letters and numbers of codes that some
// passage has as the query spells them. Looking for these would cost much and find little: many
// passages have the letters or the number of a code.
func NeededParts(terms []Term, counts Counts) []Term {
	if !slices.ContainsFunc(terms, func(t Term) bool { return isHeldCode(t, counts) }) {
		return terms
	}
	var needed []Term
	var held Term
	for _, t := range terms {
		if t.Part && t.Start == held.Start && t.End == held.End {
			continue
		}
		if held = (Term{}); isHeldCode(t, counts) {
			held = t
		}
		needed = append(needed, t)
	}
	return needed
}

func isHeldCode(t Term, counts Counts) bool {
	return !t.Part && counts.Holding[t.ID()] > 0 && gluedRE.MatchString(t.Text)
}
