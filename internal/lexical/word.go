package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestUpperRun is the maximum number of consecutive upper-case words that are read as
// acronyms. "WHO" and "US GDP" are acronyms; longer runs are headlines.
const longestUpperRun = 3

// upperRun is a run of upper-case words. acronyms are those among them that are spelt like
// stop words.
type upperRun struct {
	words    int
	acronyms []Term
}

// addWord adds a word unless it is a stop word.
func (s *scanner) addWord(text string, start, end int) {
	if s.german {
		text = foldUmlauts(text)
	}
	if n, ok := articleNames[text]; ok && !n.inside {
		s.named = append(s.named, namedArticle{n, start, end})
	}
	if s.stops == nil {
		s.add(s.stem(text), start, end)
		s.addNameWord(start, end)
		return
	}
	letter, upper, stopped := utf8.RuneCountInString(text) == 1, s.isUpper(start, end), s.stops[text]
	switch {
	case stopped && letter:
		if s.keepsLetter(text, start, end, upper) {
			s.add(text, start, end)
		}
	case stopped && upper:
		from := s.span(start, end)
		s.upperRun.acronyms = append(s.upperRun.acronyms, Term{Text: strings.ToUpper(text), Start: from.start, End: from.end})
	case !stopped:
		s.add(s.stem(text), start, end)
		if s.german {
			s.addCompoundParts(text, start, end)
		}
	}
	switch {
	case letter: // a run of upper-case words may have single letters in it
	case upper:
		s.upperRun.words++
	default:
		s.endUpperRun()
		if !stopped {
			s.lastWord = end
		}
	}
	s.addNameWord(start, end)
}

// keepsLetter reports whether a single letter that is a stop word should be kept. It is kept
// if it is usually part of a contraction, but not here: the D of "vitamin D". It is also kept
// in upper case after a word: the A of "hepatitis A".
func (s *scanner) keepsLetter(text string, start, end int, upper bool) bool {
	if s.elided[text] {
		return (start == 0 || s.text[start-1] != '\'') && (end == len(s.text) || s.text[end] != '\'')
	}
	if start == 0 && end == len(s.text) {
		return upper
	}
	return upper && start > 0 && s.lastWord == start-1 && s.text[start-1] == ' ' && !s.isPronoun(text)
}

// isPronoun reports whether a letter is a word that is always in upper case: the
// English I.
func (s *scanner) isPronoun(letter string) bool { return letter == "i" && s.english }

// isUpper reports whether a word has no lower-case letters in the original.
func (s *scanner) isUpper(start, end int) bool {
	from := s.span(start, end)
	word := s.original[from.start:from.end]
	if first, _ := utf8.DecodeRuneInString(word); !unicode.IsUpper(first) {
		return false
	}
	return strings.IndexFunc(word, unicode.IsLower) < 0
}

// endUpperRun ends a run of upper-case words. If it is short enough, it adds the
// acronyms in it.
func (s *scanner) endUpperRun() {
	if s.upperRun.words == 0 {
		return
	}
	if s.upperRun.words <= longestUpperRun {
		s.terms = append(s.terms, s.upperRun.acronyms...)
	}
	s.upperRun = upperRun{acronyms: s.upperRun.acronyms[:0]}
}

// addWithSymbols adds a word with the signs that belong to its name, as in "C++", "C#" and
// "A+", and returns where they end.
func (s *scanner) addWithSymbols(start, end int) int {
	rest := s.text[end:]
	for _, signs := range []string{"++", "#", "+"} {
		after, ok := strings.CutPrefix(rest, signs)
		if next, _ := utf8.DecodeRuneInString(after); ok && !strings.ContainsRune("+#", next) && (signs == "++" || !isSpelt(next)) {
			s.add(latinLetter(s.text[start:end])+signs, start, end+len(signs))
			return end + len(signs)
		}
	}
	return end
}

// latinLetter returns the Latin letter that looks like a Cyrillic one, since "С++" may be written with
// either. It returns any other word unchanged.
func latinLetter(word string) string {
	if word == "с" {
		return "c"
	}
	return word
}

// addAcronym adds a Hebrew acronym such as צה"ל without its mark, if it begins at start and the mark is
// at end.
func (s *scanner) addAcronym(start, end int) {
	if size := gershayim(s.text, end); size > 0 {
		after := runEnd(s.text, end+size, isSpelt)
		s.add(s.stem(s.text[start:end]+s.text[end+size:after]), start, after)
	}
}

// addDotted adds a word together with the full stop before it, as in ".NET".
func (s *scanner) addDotted(start, end int) {
	if start == 0 || s.text[start-1] != '.' || !unicode.IsLetter(rune(s.text[start])) {
		return
	}
	if before, _ := utf8.DecodeLastRuneInString(s.text[:start-1]); start == 1 || before != '.' && !isSpelt(before) {
		s.add(s.text[start-1:end], start-1, end)
	}
}

// addApostrophe adds the whole of a name such as "O'Neill", without its apostrophe, if
// it begins at start. Other letters before an apostrophe are words of their own: the d of
// "Côte d'Ivoire".
func (s *scanner) addApostrophe(start, end int) {
	if _, size := utf8.DecodeRuneInString(s.text[start:]); end-start != size || !strings.HasPrefix(s.text[end:], "'") {
		return
	}
	rest := end + len("'")
	after := runEnd(s.text, rest, isSpelt)
	letter := s.text[start:end]
	if name := letter == "o" || s.isUpper(start, end) && (s.english || !s.elided[letter]) && after > rest && s.beginsUpper(rest); name && after-rest > 1 {
		s.add(s.stem(letter+s.text[rest:after]), start, after)
	}
}

// beginsUpper reports whether the word at start has a capital in the original.
func (s *scanner) beginsUpper(start int) bool {
	first, _ := utf8.DecodeRuneInString(s.original[s.source[start].start:])
	return unicode.IsUpper(first)
}

// link returns the size of the sign that joins the word or number before end to the
// next one, and what the joined word keeps of the sign. size is 0 if there is no such
// sign.
func (s *scanner) link(end int, number bool) (size int, kept string) {
	if end == len(s.text) {
		return 0, ""
	}
	next, _ := utf8.DecodeRuneInString(s.text[end+1:])
	switch {
	case !strings.ContainsRune("-.&", rune(s.text[end])) || !canBegin(next):
		return 0, ""
	case s.text[end] == '-':
		return 1, ""
	case number || !unicode.IsLetter(next):
		return 0, ""
	case s.text[end] == '&':
		return 1, "&"
	}
	return 1, ""
}
