package chunk

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addAfter adds a word that continues a sentence after a number.
func (t *sectionTable) addAfter(word string) {
	t.after[word] = true
	first, _ := utf8.DecodeRuneInString(word)
	if unicode.In(first, t.scripts...) {
		return
	}
	for _, script := range unicode.Scripts {
		if unicode.Is(script, first) {
			t.scripts = append(t.scripts, script)
		}
	}
}

// joined are scripts without spaces between words. attached are those in which a word continues
// a sentence only if it follows the number without a space.
var (
	joined   = []*unicode.RangeTable{unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}
	attached = []*unicode.RangeTable{unicode.Hiragana, unicode.Han}
)

// continues reports whether rest, the text after a number, goes on with a sentence.
func (t sectionTable) continues(rest string) bool {
	text := strings.TrimLeftFunc(rest, unicode.IsSpace)
	first, _ := utf8.DecodeRuneInString(text)
	if unicode.In(first, joined...) || len(text) == len(rest) && unicode.In(first, attached...) {
		for end := range text {
			if end > longestAfter {
				break
			}
			if t.after[text[:end]] {
				return true
			}
		}
	}
	return t.after[firstWord(text)] && !unicode.In(first, attached...)
}

// longestAfter is the maximum length in bytes of a word that continues a sentence.
const longestAfter = 48

// mayBeginText reports whether rest, the text after the number of an article, may be the text or
// the name of the article although it begins with a letter of a script without capitals. It may
// if the words of the script that continue a sentence are known, and it does not begin with one.
func (t sectionTable) mayBeginText(rest string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(rest, unicode.IsSpace))
	return unicode.In(first, t.scripts...) && !t.continues(rest)
}

// isCaseless reports whether r is a letter of a script without capitals, or of the Georgian one, in
// which sentences begin with small letters. Han letters and the like do not count.
func isCaseless(r rune) bool {
	return unicode.IsLetter(r) && r < 0x2E80 && (!unicode.IsUpper(r) && !unicode.IsLower(r) || unicode.Is(unicode.Georgian, r))
}

var koreanPartRE = regexp.MustCompile(`^제` + gap + wordDigits + gap + `[조항호목]`)

// refersOn reports whether rest shows that 第三条 or 제3조 before it is a reference: in Korean,
// particles are written together with it, and 제2항 is a paragraph of it.
func refersOn(rest string) bool {
	text := strings.TrimLeftFunc(rest, unicode.IsSpace)
	next, _ := utf8.DecodeRuneInString(rest)
	return unicode.Is(unicode.Hangul, next) || koreanPartRE.MatchString(text) || sections().continues(rest)
}
