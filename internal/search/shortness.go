package search

import (
	"strings"
	"unicode"
)

const (
	// wholeQuestion is the number of words from which a query is probably a whole question.
	// keywords is the number up to which it certainly is not one.
	wholeQuestion = 9
	keywords      = 4
	// lettersInWord is the number of letters that count as a word in scripts without
	// spaces.
	lettersInWord = 1.7
	// longestWord is the maximum number of letters of one word in these scripts, and
	// longestKanaWord that of a word in hiragana or katakana, whose letters are sounds.
	longestWord, longestKanaWord = 4, 8
)

// shortness returns how much a query looks like a few keywords (1) and not like a whole
// question (0). The vectors of queries of one form have a component in common that says
// nothing about their subject, and that differs between the two forms.
func shortness(query string) float64 {
	words, inside := 0., false
	for _, r := range query {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			words, inside = words+1/lettersInWord, false
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if !inside {
				words++
			}
			inside = true
		default:
			inside = false
		}
	}
	return min(1, max(0, (wholeQuestion-words)/(wholeQuestion-keywords)))
}

// isOneWord reports whether a query is one word.
func isOneWord(query string) bool {
	words := strings.Fields(query)
	if len(words) != 1 {
		return false
	}
	letters, kana := 0, 0
	for _, r := range words[0] {
		switch {
		case r == 'ー' || unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			letters++
		}
	}
	return letters+kana <= longestWord || letters == 0 && kana <= longestKanaWord
}
