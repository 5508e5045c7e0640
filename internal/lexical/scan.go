package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner collects the terms of a folded text.
type scanner struct {
	folded
	analyser
	original string
	terms    []Term
	years    []int          // where in the folded text numbers of four digits begin
	named    []namedArticle // the words there that articles are named by
	shout    shout
	name     name
	lastWord int // where the last word in lower case that is not stopped ends
}

const yearDigits = 4

// add appends the term that the folded bytes [start, end) were read as.
func (s *scanner) add(text string, start, end int) {
	from := s.span(start, end)
	s.terms = append(s.terms, Term{Text: text, Start: from.start, End: from.end})
}

// scan adds words, numbers, and characters of scripts without spaces.
func (s *scanner) scan() {
	for at := 0; at < len(s.text); {
		switch r, size := utf8.DecodeRuneInString(s.text[at:]); {
		case unspaced(r):
			at = s.grams(at)
		case begins(r):
			at = s.compound(at)
		default:
			at += size
		}
	}
	s.endShout()
	s.endName()
}

// grams adds the characters of the run at start, every one and every two
// neighbours, and returns where the run ends. A sound sign (kana, hangul, Thai)
// says little alone and is added only where it stands alone. On xquad-r/dev both
// together rank Chinese at .967 nDCG@10 and either alone at .959; other weights
// than equal ones for the two gain nothing.
func (s *scanner) grams(start int) (end int) {
	end = runEnd(s.text, start, unspaced)
	for previous, at := start, start; at < end; {
		r, size := utf8.DecodeRuneInString(s.text[at:])
		if at > start {
			s.add(s.text[previous:at+size], previous, at+size)
		}
		if unicode.Is(unicode.Han, r) || start+size == end {
			s.add(s.text[at:at+size], at, at+size)
		}
		previous, at = at, at+size
	}
	return end
}

// compound adds the words and numbers that hyphens, full stops ("Node.js") and
// ampersands ("AT&T") join at start, and if one is a word also the whole, without
// hyphens and stops, and returns where they end.
func (s *scanner) compound(start int) (end int) {
	var joined strings.Builder
	parts, words := 0, 0
	for end = start; ; {
		part, number := end, false
		end, number = s.part(part)
		joined.WriteString(s.text[part:end])
		if parts++; !number {
			words++
		}
		size, kept := s.linked(end, number)
		if size == 0 {
			break
		}
		joined.WriteString(kept)
		end += size
	}
	if parts > 1 && words > 0 {
		s.word(joined.String(), start, end)
	}
	return end
}

// part adds the word or number at start and returns where it ends.
func (s *scanner) part(start int) (end int, number bool) {
	if s.text[start] == 'v' {
		if version := versionRE.FindStringSubmatchIndex(s.text[start:]); version != nil {
			return s.digits(start, start+version[2]), true
		}
	}
	end = runEnd(s.text, start, spelt)
	var ordinal []string
	if isDigit(rune(s.text[start])) {
		ordinal = ordinalRE.FindStringSubmatch(s.text[start:end])
	}
	if ordinal == nil {
		s.word(s.text[start:end], start, end)
		s.dotted(start, end)
		return s.symbols(start, end), false
	}
	if len(ordinal[1]) < end-start {
		s.number(ordinal[1], start, end)
		return end, true
	}
	return s.digits(start, start), true
}

// runEnd returns where the run of runes that in holds for ends.
func runEnd(text string, start int, in func(rune) bool) int {
	if n := strings.IndexFunc(text[start:], func(r rune) bool { return !in(r) }); n >= 0 {
		return start + n
	}
	return len(text)
}

// unspaced reports whether r is of a script that puts no spaces between words,
// or, as Korean does, writes what other languages put apart as one.
func unspaced(r rune) bool {
	return r >= 0x0E00 && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai))
}

// begins reports whether a word or number may begin with r.
func begins(r rune) bool { return spelt(r) && !unicode.IsMark(r) }

// spelt reports whether r is part of a word or number of any other script.
func spelt(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unspaced(r)
}
