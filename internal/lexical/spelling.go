package lexical

import (
	"strings"
	"unicode"
)

const (
	// shortestMisspelt is the minimum number of letters of a word that is compared with others
	// that are spelt almost like it.
	shortestMisspelt = 4
	// longestMisspelt is the maximum, which bounds the time of a comparison.
	longestMisspelt = 40
	// twoMistakes is the number of letters from which a word may have two mistakes.
	twoMistakes = 6
)

// HasLike reports whether a text has a word that is spelt like the given one, except for one or,
// if it is long, two mistakes. A mistake is a letter that is wrong, missing, or one too many, or
// two letters that changed places. The first letter must be right.
func HasLike(text, word string) bool {
	want := []rune(fold(word).text)
	if len(want) < shortestMisspelt || len(want) > longestMisspelt {
		return false
	}
	most := 1
	if len(want) >= twoMistakes {
		most = 2
	}
	for other := range strings.FieldsFuncSeq(fold(text).text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if letters := []rune(other); letters[0] == want[0] && mistakes(letters, want, most) <= most {
			return true
		}
	}
	return false
}

// mistakes returns how many mistakes turn one word into the other (the optimal string alignment
// distance), or more than most if the lengths of the words differ by more than that.
func mistakes(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		older, old, row = old, row, older
		row[0] = i + 1
		for j := range b {
			wrong := 1
			if a[i] == b[j] {
				wrong = 0
			}
			row[j+1] = min(old[j]+wrong, old[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
