package lexical

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	digitsRE  = regexp.MustCompile(`^[0-9]+(?:[.,][0-9]+)*`)
	ordinalRE = regexp.MustCompile(`^([0-9]+)(?:st|nd|rd|th|er|o)?$`)
	// A mark before exactly three digits groups thousands, in whichever language:
	// 1,000 and 1.000 are 1000, and so is a rare decimal of three digits.
	numberRE = regexp.MustCompile(`^([1-9][0-9]{0,2}(?:[.,][0-9]{3})+|[0-9]+)(?:[.,]([0-9]+))?$`)
	marks    = strings.NewReplacer(".", "", ",", "")
)

// scanner collects the terms of a folded text.
type scanner struct {
	folded
	analyser
	terms []Term
	years []int // where in the folded text numbers of four digits begin
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

// compound adds the words and numbers that hyphens join at start, and where one
// is a word also the whole without hyphens, and returns where they end.
func (s *scanner) compound(start int) (end int) {
	var joined strings.Builder
	parts, words := 0, 0
	for end = start; ; end++ {
		part := end
		number := false
		end, number = s.part(part)
		joined.WriteString(s.text[part:end])
		parts++
		if !number {
			words++
		}
		rest, hyphen := strings.CutPrefix(s.text[end:], "-")
		if next, _ := utf8.DecodeRuneInString(rest); !hyphen || !begins(next) {
			break
		}
	}
	if parts > 1 && words > 0 {
		s.word(joined.String(), start, end)
	}
	return end
}

// part adds the word or number at start and returns where it ends.
func (s *scanner) part(start int) (end int, number bool) {
	end = runEnd(s.text, start, spelt)
	ordinal := ordinalRE.FindStringSubmatch(s.text[start:end])
	if ordinal == nil {
		s.word(s.text[start:end], start, end)
		return end, false
	}
	if len(ordinal[1]) < end-start {
		s.number(ordinal[1], start, end)
		return end, true
	}
	digits := digitsRE.FindString(s.text[start:])
	end = start + len(digits)
	if n := numberRE.FindStringSubmatch(digits); n != nil {
		whole, decimals := marks.Replace(n[1]), n[2]
		if decimals != "" {
			decimals = "." + decimals
		}
		s.number(whole+decimals, start, end)
		return end, true
	}
	for at := start; at < end; at++ { // "1,2,3" and "13.9.2016"
		next := runEnd(s.text, at, isDigit)
		s.number(s.text[at:next], at, next)
		at = next
	}
	return end, true
}

// number adds a number without its leading zeros.
func (s *scanner) number(digits string, start, end int) {
	if len(digits) == yearDigits && end-start == yearDigits {
		s.years = append(s.years, start)
	}
	trimmed := strings.TrimLeft(digits, "0")
	if trimmed == "" || trimmed[0] == '.' {
		trimmed = "0" + trimmed
	}
	s.add(trimmed, start, end)
}

// word adds a word unless the language stops it.
func (s *scanner) word(text string, start, end int) {
	if !s.stops[text] {
		s.add(s.stem(text), start, end)
	}
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
