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
	respelling *strings.Replacer // other spellings of marked letters
	original   string
	terms      []Term
	years      []int          // offsets of four-digit numbers in the folded text
	named      []namedArticle // article names in the folded text
	// articleLanguages are the languages of those names that have a number.
	articleLanguages []string
	upperRun         upperRun
	name             name
	lastWord         int // end of the last lower-case word that is not a stop word
}

const yearDigits = 4

// add appends a term for the folded bytes [start, end).
func (s *scanner) add(text string, start, end int) {
	from := s.span(start, end)
	s.terms = append(s.terms, Term{Text: text, Start: from.start, End: from.end})
}

// scan adds words, numbers, and the characters of scripts without spaces.
func (s *scanner) scan() {
	for at := 0; at < len(s.text); {
		switch r, size := utf8.DecodeRuneInString(s.text[at:]); {
		case isUnspaced(r):
			at = s.addGrams(at)
		case canBegin(r):
			at = s.addCompound(at)
		default:
			at += size
		}
	}
	s.endUpperRun()
	s.endName()
}

// addGrams adds the single characters and the pairs of adjacent characters of the run at
// start, and returns where the run ends. A character for a sound (kana, Hangul, Thai) says
// little alone, so it is added only if it is the whole run. On xquad-r/dev, single
// characters and pairs together rank Chinese at .967 nDCG@10, and either of them alone at
// .959. Different weights for the two gain nothing.
func (s *scanner) addGrams(start int) (end int) {
	end = runEnd(s.text, start, isUnspaced)
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

// addCompound adds the words and numbers that are joined by hyphens, full stops
// ("Node.js") or ampersands ("AT&T") at start, and returns where they end. If one of
// them is a word, it also adds the whole without hyphens and stops.
func (s *scanner) addCompound(start int) (end int) {
	var joined strings.Builder
	parts, words := 0, 0
	for end = start; ; {
		part, number := end, false
		end, number = s.addPart(part)
		joined.WriteString(strings.TrimPrefix(s.text[part:end], s.versionSign(part)))
		if parts++; !number {
			words++
		}
		size, kept := s.link(end, number)
		if size == 0 {
			break
		}
		joined.WriteString(kept)
		end += size
	}
	if parts > 1 && words > 0 {
		s.addWord(joined.String(), start, end)
	}
	return end
}

// versionSign returns the "v" of a version such as "v2.1.3" that begins at start, or "".
func (s *scanner) versionSign(start int) string {
	if s.text[start] == 'v' && versionRE.MatchString(s.text[start:]) {
		return "v"
	}
	return ""
}

// addPart adds the word or number at start and returns where it ends.
func (s *scanner) addPart(start int) (end int, number bool) {
	if s.text[start] == 'v' {
		if version := versionRE.FindStringSubmatchIndex(s.text[start:]); version != nil {
			return s.addDigits(start, start+version[2]), true
		}
	}
	end = runEnd(s.text, start, isSpelt)
	var ordinal []string
	if isDigit(rune(s.text[start])) {
		ordinal = ordinalRE.FindStringSubmatch(s.text[start:end])
	}
	if ordinal == nil {
		s.addWord(s.text[start:end], start, end)
		s.addRespelt(start, end)
		s.addDotted(start, end)
		s.addApostrophe(start, end)
		s.addAcronym(start, end)
		return s.addWithSymbols(start, end), false
	}
	if len(ordinal[1]) < end-start {
		s.addNumber(ordinal[1], start, end)
		return end, true
	}
	return s.addDigits(start, start), true
}

// runEnd returns the end of the run of runes for which in returns true.
func runEnd(text string, start int, in func(rune) bool) int {
	if n := strings.IndexFunc(text[start:], func(r rune) bool { return !in(r) }); n >= 0 {
		return start + n
	}
	return len(text)
}

// isUnspaced reports whether r belongs to a script that puts no spaces between words,
// or that, like Korean, writes as one word what other languages separate.
func isUnspaced(r rune) bool {
	return r >= 0x0E00 && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}

// canBegin reports whether a word or number may begin with r.
func canBegin(r rune) bool { return isSpelt(r) && !unicode.IsMark(r) }

// isSpelt reports whether r is part of a word or number of a script with spaces.
func isSpelt(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !isUnspaced(r)
}
