package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// clean returns the text of a run without line ends and control characters.
func clean(text string) string {
	text = strings.NewReplacer("\u0002", "-", "\uFFFE", "-", "\r", " ", "\n", " ", "\u00AD", "-").Replace(text)
	return decode.Normalize(strings.TrimRight(text, " \t"))
}

// joinsTight reports whether two pieces with a small space between them are one word.
// Chinese is often set with such spaces.
func joinsTight(before, after string, ems float64) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return (prose.IsCJK(last) || prose.IsCJK(next)) && ems < 0.8 || last == ' ' || next == ' '
}

// join appends the next line of a paragraph. It removes a hyphen at the end of a line if
// the hyphen divides a word: the rest begins with a small letter, and the file does not
// write the word with a hyphen elsewhere.
func join(text, next string, compounds map[string]bool) string {
	stem, divided := strings.CutSuffix(text, "-")
	if !divided {
		stem, divided = strings.CutSuffix(text, "‐")
	}
	last, _ := utf8.DecodeLastRuneInString(stem)
	first, _ := utf8.DecodeRuneInString(next)
	if !divided || !unicode.IsLetter(last) {
		return prose.Join(text, next)
	}
	head, tail := lastWord(stem), firstWord(next)
	if !unicode.IsLower(first) || compounds[strings.ToLower(head+"-"+tail)] {
		return text + next
	}
	return stem + next
}

func lastWord(s string) string {
	return s[strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })+1:]
}

func firstWord(s string) string {
	if end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }); end >= 0 {
		return s[:end]
	}
	return s
}

// compoundsOf returns the words with a hyphen inside lines, in lower case.
func compoundsOf(lines []textLine) map[string]bool {
	found := map[string]bool{}
	for _, l := range lines {
		for word := range strings.FieldsSeq(l.text) {
			word = strings.Trim(strings.ToLower(word), `.,;:!?()[]"'“”‘’`)
			if strings.Contains(strings.Trim(word, "-"), "-") && !strings.HasSuffix(word, "-") && len(word) < 60 {
				found[word] = true
			}
		}
	}
	return found
}
