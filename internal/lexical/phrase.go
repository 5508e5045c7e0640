package lexical

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// quotes maps each opening quotation mark to its closing mark. 《》 are not included:
// they mark titles, not phrases.
var quotes = map[rune]string{
	'"': `"`, '“': "”", '”': "”", '„': "“”", '«': "»", '»': "«", '‹': "›", '›': "‹", '‚': "‘", '「': "」", '『': "』",
	'﹁': "﹂", '﹃': "﹄", '〝': "〞〟", '＂': "＂",
}

// Phrases returns the quoted parts of a question without their marks: `the harbour
// bridge` for `who closed "the harbour bridge"?`. A mark without a closing mark
// quotes nothing, and neither does a mark after a digit, such as that for inches, or one in a
// Hebrew acronym.
func Phrases(question string) (phrases []string) {
	before := ' '
	for at := 0; at < len(question); {
		r, size := utf8.DecodeRuneInString(question[at:])
		closing := quotes[r]
		length := strings.IndexAny(question[at+size:], closing)
		if closing == "" || length < 0 || unicode.IsDigit(before) || gershayim(question, at) > 0 {
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

// gershayim returns the size of the mark at an offset if it makes an acronym of Hebrew letters, as in
// צה"ל: it stands before the last letter. Otherwise it returns 0.
func gershayim(text string, at int) int {
	r, size := utf8.DecodeRuneInString(text[at:])
	if r != '"' && r != '״' && r != '”' {
		return 0
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	last, lastSize := utf8.DecodeRuneInString(text[at+size:])
	after, _ := utf8.DecodeRuneInString(text[at+size+lastSize:])
	if !hebrewLetter(before) || !hebrewLetter(last) || isSpelt(after) || after == r {
		return 0
	}
	return size
}

func hebrewLetter(r rune) bool { return unicode.Is(unicode.Hebrew, r) && unicode.IsLetter(r) }

// HeldPhrases reports for each phrase whether text holds it: the same words in the
// same order, with no other words between. Case, accents and the characters between
// words may differ, and ü may be written ue.
func HeldPhrases(text string, phrases []string) (held []bool) {
	key := phraseKey(text)
	held = make([]bool, len(phrases))
	for i, phrase := range phrases {
		held[i] = strings.Contains(key, phraseKey(phrase)) || respelledRE.MatchString(phrase) && strings.Contains(respelledKey(text), respelledKey(phrase))
	}
	return held
}

// respelledRE matches phrases with a letter that has a spelling in two letters, or with that.
var respelledRE = func() *regexp.Regexp {
	var either []string
	for _, fields := range linesOf(respeltLines) {
		either = append(either, fields[:2]...)
	}
	return regexp.MustCompile(`(?i)` + strings.Join(either, "|"))
}()

// respelledKey returns the phraseKey of a text with two letters for each marked letter of any
// language: gruene for grüne.
func respelledKey(text string) string {
	return phraseKey(anyRespelling.Replace(norm.NFC.String(strings.ToLower(text))))
}

// anyRespelling replaces all letters of respeltLines.
var anyRespelling = func() *strings.Replacer {
	var pairs []string
	for _, fields := range linesOf(respeltLines) {
		pairs = append(pairs, fields[:2]...)
	}
	return strings.NewReplacer(pairs...)
}()

// phraseKey returns the words of a text with a space before, between and after them.
// In scripts without spaces every character is a word.
func phraseKey(text string) string {
	var key strings.Builder
	key.WriteByte(' ')
	spaced := true // the key ends with a space
	for _, r := range fold(text).text {
		switch {
		case isUnspaced(r):
			if !spaced {
				key.WriteByte(' ')
			}
			key.WriteRune(r)
			key.WriteByte(' ')
			spaced = true
		case isSpelt(r) || strings.ContainsRune("+#&", r):
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
