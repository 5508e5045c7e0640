package lexical

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// gluedRE matches codes that other texts write with a space: "LT628" as "LT 628".
var gluedRE = regexp.MustCompile(`^(\p{L}{1,6})([0-9]{1,6})$`)

// maxGlued is the maximum number of codes of a query that get parts. Looking for three terms
// instead of one takes time. A query with more codes usually finds its passages by some of them
// as they are written.
const maxGlued = 3

// withGluedParts adds the letters and the number of each code of a query as its parts, since
// passages have other terms for a code that is written with a space. The parts of a code with a
// hyphen are terms already.
func withGluedParts(query, language string, terms []Term) []Term {
	glued := make([]Term, 0, len(terms))
	codes := 0
	for _, t := range terms {
		glued = append(glued, t)
		m := gluedRE.FindStringSubmatch(t.Text)
		if m == nil || t.Part || utf8.RuneCountInString(query[t.Start:t.End]) > utf8.RuneCountInString(t.Text) {
			continue
		}
		if codes++; codes > maxGlued {
			return terms
		}
		parts := Terms(m[1]+" "+m[2], language)
		if len(parts) != 2 { // the letters are a stop word, such as "A" in "A4"
			continue
		}
		for _, part := range parts {
			glued = append(glued, Term{Text: part.Text, Start: t.Start, End: t.End, Part: true})
		}
	}
	return glued
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
