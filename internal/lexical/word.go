package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestShout is how many words in upper case may stand in a row and be acronyms:
// "WHO" and "US GDP" are, a headline is not.
const longestShout = 3

// shout is a run of words in upper case, and those of its words that a language
// stops.
type shout struct {
	words    int
	acronyms []Term
}

// word adds a word, unless the language stops it.
func (s *scanner) word(text string, start, end int) {
	if s.german {
		text = foldUmlauts(text)
	}
	if n, ok := articleNames[text]; ok {
		s.named = append(s.named, namedArticle{n, start, end})
	}
	if s.stops == nil {
		s.add(s.stem(text), start, end)
		s.nameWord(start, end)
		return
	}
	letter := utf8.RuneCountInString(text) == 1
	upper := s.upper(start, end)
	stopped := s.stops[text]
	switch {
	case stopped && letter:
		if s.keepsLetter(text, start, end, upper) {
			s.add(text, start, end)
		}
	case stopped && upper:
		from := s.span(start, end)
		s.shout.acronyms = append(s.shout.acronyms, Term{Text: strings.ToUpper(text), Start: from.start, End: from.end})
	case !stopped:
		s.add(s.stem(text), start, end)
		if s.german {
			s.parts(text, start, end)
		}
	}
	switch {
	case letter:
	case upper:
		s.shout.words++
	default:
		s.endShout()
	}
	if !letter && !stopped && !upper {
		s.lastWord = end
	}
	s.nameWord(start, end)
}

// keepsLetter reports whether a letter that the language stops is more than a
// word of one letter or what an apostrophe leaves: the D of "vitamin D" and, in
// upper case after a word, the A of "hepatitis A".
func (s *scanner) keepsLetter(text string, start, end int, upper bool) bool {
	if s.elided[text] {
		return (start == 0 || s.text[start-1] != '\'') && (end == len(s.text) || s.text[end] != '\'')
	}
	if start == 0 && end == len(s.text) {
		return upper
	}
	return upper && start > 0 && s.lastWord == start-1 && s.text[start-1] == ' ' && !s.pronoun(text)
}

// pronoun reports whether a letter is written in upper case as a word: the
// English I.
func (s *scanner) pronoun(letter string) bool { return letter == "i" && s.english }

// upper reports whether the original of a word is in upper case alone.
func (s *scanner) upper(start, end int) bool {
	from := s.span(start, end)
	word := s.original[from.start:from.end]
	if first, _ := utf8.DecodeRuneInString(word); !unicode.IsUpper(first) {
		return false
	}
	return strings.IndexFunc(word, unicode.IsLower) < 0
}

// endShout ends a run of words in upper case, and adds the acronyms in it if it is
// short enough to be of such.
func (s *scanner) endShout() {
	if s.shout.words == 0 {
		return
	}
	if s.shout.words <= longestShout {
		s.terms = append(s.terms, s.shout.acronyms...)
	}
	s.shout = shout{acronyms: s.shout.acronyms[:0]}
}

// symbols adds a word with the signs that belong to its name, as in "C++" and
// "C#", and returns where these end.
func (s *scanner) symbols(start, end int) int {
	rest := s.text[end:]
	for _, signs := range []string{"++", "#"} {
		after, ok := strings.CutPrefix(rest, signs)
		if next, _ := utf8.DecodeRuneInString(after); ok && !strings.ContainsRune("+#", next) && (signs == "++" || !spelt(next)) {
			s.add(s.text[start:end]+signs, start, end+len(signs))
			return end + len(signs)
		}
	}
	return end
}

// dotted adds a word with the full stop before it, as in ".NET".
func (s *scanner) dotted(start, end int) {
	if start == 0 || s.text[start-1] != '.' || !unicode.IsLetter(rune(s.text[start])) {
		return
	}
	if before, _ := utf8.DecodeLastRuneInString(s.text[:start-1]); start == 1 || before == ' ' || before == '(' || before == '\n' {
		s.add(s.text[start-1:end], start-1, end)
	}
}

// linked returns the sign that joins the word or number before end to the next one,
// and what of it stands in the joined whole; size is 0 if none does.
func (s *scanner) linked(end int, number bool) (size int, kept string) {
	if end == len(s.text) {
		return 0, ""
	}
	next, _ := utf8.DecodeRuneInString(s.text[end+1:])
	switch {
	case !strings.ContainsRune("-.&", rune(s.text[end])) || !begins(next):
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
