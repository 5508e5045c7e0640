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

// withSplitCodes adds the codes that a query writes with a space, such as "LT 628", as they are
// without it. NeededParts removes those that no passage has.
func withSplitCodes(query string, terms []Term) []Term {
	all := make([]Term, 0, len(terms))
	for i, t := range terms {
		all = append(all, t)
		if i+1 == len(terms) || t.Part || terms[i+1].Part || t.End+1 != terms[i+1].Start || query[t.End] != ' ' {
			continue
		}
		if code := t.Text + terms[i+1].Text; gluedRE.MatchString(code) {
			all = append(all, Term{Text: code, Start: t.Start, End: terms[i+1].End, Part: true})
		}
	}
	return all
}

// IsSplitCode reports whether a term of a query is a code that the query writes with a space.
func (t Term) IsSplitCode() bool { return t.Part && !t.Respelt && gluedRE.MatchString(t.Text) }

// countAsked returns how much a term of a query counts. A code that the query writes with a space
// counts as its two words, which a passage with the code lacks.
func (t Term) countAsked() float64 {
	if t.IsSplitCode() {
		return 2
	}
	return t.count()
}

// NeededParts returns the terms of a query without the letters and numbers of codes that some
// passage has as the query spells them. Looking for these would cost much and find little: many
// passages have the letters or the number of a code. It also leaves out the other forms, the codes
// without a space, and the initials for an acronym, that no passage has.
func NeededParts(terms []Term, counts Counts) []Term {
	unneeded := func(t Term) bool {
		return (t.IsSplitCode() || isOtherForm(t) || t.Initials && t.Respelt) && counts.Holding[t.ID()] == 0
	}
	if !slices.ContainsFunc(terms, func(t Term) bool { return unneeded(t) || isHeldCode(t, counts) }) {
		return terms
	}
	var needed []Term
	var held Term
	for _, t := range terms {
		if unneeded(t) || t.Part && t.Start == held.Start && t.End == held.End {
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
