package lexical

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds for the initials of a name, in letters. A run of more than longestName capitalised
// words is taken to be a headline.
const shortestInitials, longestInitials, longestName = 3, 5, 8

// initialsOfName precedes the initials of a name in its term, which differs from that of an
// acronym.
const initialsOfName = "initials "

// name is a run of capitalised words. Words such as "of" may stand between them:
// "Organización Mundial de la Salud".
type name struct {
	words []nameWord
	end   int // end of the last word read, even if it is not in words
}

// nameWord is a capitalised word, or a link between two of them.
type nameWord struct {
	initial    string
	start, end int
	link       bool
}

// addNameWord adds a word to the current name, or ends the name.
func (s *scanner) addNameWord(start, end int) {
	if start < s.name.end {
		return // a whole word whose parts were read already
	}
	_, size := utf8.DecodeRuneInString(s.original[s.source[start].start:])
	capital := s.beginsUpper(start) && (end-start <= size || !s.isUpper(start, end)) // capitalised, but not an acronym
	link := s.links[s.text[start:end]]
	capital = capital && !s.stops[s.text[start:end]]
	if len(s.name.words) > 0 && s.text[s.name.end:start] != " " || !capital && !link {
		s.endName()
	}
	s.name.end = end
	if capital || link && len(s.name.words) > 0 {
		_, size = utf8.DecodeRuneInString(s.text[start:])
		s.name.words = append(s.name.words, nameWord{s.text[start : start+size], start, end, link})
	}
}

// endName ends the current name and adds the initials by which it may be known: those of
// every three to five consecutive capitalised words. A name of only two capitalised words
// gets one term, with the initial of the link between them, if any: "UN", "MoU".
func (s *scanner) endName() {
	words := s.name.words
	s.name.words = words[:0]
	for len(words) > 0 && words[len(words)-1].link {
		words = words[:len(words)-1]
	}
	capitals := slices.DeleteFunc(slices.Clone(words), func(w nameWord) bool { return w.link })
	switch {
	case len(capitals) < 2 || len(capitals) > longestName:
		return
	case len(capitals) == 2 && len(words) <= shortestInitials:
		s.addInitials(words)
		return
	}
	for first := range capitals {
		for last := first + shortestInitials; last <= min(first+longestInitials, len(capitals)); last++ {
			s.addInitials(capitals[first:last])
		}
	}
}

// addInitials adds the first letters of words as the initials of a name.
func (s *scanner) addInitials(words []nameWord) {
	var acronym strings.Builder
	for _, w := range words {
		acronym.WriteString(w.initial)
	}
	text := acronym.String()
	if s.stops[text] {
		text = strings.ToUpper(text) // an acronym that is spelt like a stop word is a term in upper case
	} else {
		text = s.stem(text)
	}
	s.add(initialsOfName+text, words[0].start, words[len(words)-1].end)
	last := &s.terms[len(s.terms)-1]
	last.Part, last.Initials = true, true
}

// withAcronyms returns the terms of a query such that a name finds its acronym, and an acronym
// the names with these initials. Names with the same initials do not find each other: "Marta
// Vogel" is not "Mont Ventoux".
func withAcronyms(terms []Term) []Term {
	out := make([]Term, 0, len(terms))
	for _, t := range terms {
		acronym, isName := strings.CutPrefix(t.Text, initialsOfName)
		t.Text = acronym
		out = append(out, t)
		if !isName && !t.Part && mayBeAcronym(t.Text) {
			out = append(out, Term{Text: initialsOfName + t.Text, Start: t.Start, End: t.End, Part: true, Respelt: true, Initials: true})
		}
	}
	return out
}

// mayBeAcronym reports whether a word may be the initials of a name.
func mayBeAcronym(word string) bool {
	letters := utf8.RuneCountInString(word)
	return letters > 1 && letters <= longestInitials &&
		!strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLower(r) && !unicode.IsUpper(r) })
}
