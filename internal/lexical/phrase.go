package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotes are the marks that a phrase stands between, opening and closing. Those of
// titles, 《》, ask for no phrase.
var quotes = map[rune]string{
	'"': `"`, '“': "”", '„': "“”", '«': "»", '»': "«", '「': "」", '『': "』", '＂': "＂",
}

// Phrases returns what a question quotes, without the marks: `the harbour bridge` of
// `who closed "the harbour bridge"?`. A mark that nothing closes, and one inside a
// word, as of inches, quotes nothing.
func Phrases(question string) (phrases []string) {
	before := ' '
	for at := 0; at < len(question); {
		r, size := utf8.DecodeRuneInString(question[at:])
		closing := quotes[r]
		length := strings.IndexAny(question[at+size:], closing)
		if closing == "" || length < 0 || unicode.IsDigit(before) {
			at, before = at+size, r
			continue
		}
		start := at + size
		if phrase := strings.TrimSpace(question[start : start+length]); phraseKey(phrase) != " " {
			phrases = append(phrases, phrase)
		}
		_, size = utf8.DecodeRuneInString(question[start+length:])
		at, before = start+length+size, ' '
	}
	return phrases
}

// HeldPhrases returns which of the phrases a text holds: their words, as written
// but for case, accents and what stands between words, in their order and with no
// other between.
func HeldPhrases(text string, phrases []string) (held []bool) {
	key := phraseKey(text)
	held = make([]bool, len(phrases))
	for i, phrase := range phrases {
		held[i] = strings.Contains(key, phraseKey(phrase))
	}
	return held
}

// phraseKey returns the words of a text with a space before, between and after
// them. A character of a script without spaces is one.
func phraseKey(text string) string {
	var key strings.Builder
	key.WriteByte(' ')
	spaced := true // the key ends with a space
	for _, r := range fold(text).text {
		switch {
		case unspaced(r):
			if !spaced {
				key.WriteByte(' ')
			}
			key.WriteRune(r)
			key.WriteByte(' ')
			spaced = true
		case spelt(r) || strings.ContainsRune("+#&", r):
			key.WriteRune(r)
			spaced = false
		case !spaced:
			key.WriteByte(' ')
			spaced = true
		}
	}
	if !spaced {
		key.WriteByte(' ')
	}
	return key.String()
}
