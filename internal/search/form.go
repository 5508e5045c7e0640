package search

import "unicode"

const (
	// wholeQuestion is how many words a query has that is likely a whole question,
	// and keywords below how many it is surely none.
	wholeQuestion = 9
	keywords      = 4
	// lettersInWord is how many letters of a script without spaces count as a word.
	lettersInWord = 1.7
)

// shortness returns how much a query looks like a few words, 1, and not like a whole
// question, 0. What queries of a form share says nothing of what they ask, and it is
// another for each form.
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
