package decode

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var entityRE = regexp.MustCompile(`&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});`)

// Normalize returns text in NFC, with "\n" for all line ends except form feeds, with HTML
// entities decoded, and without invisible characters.
func Normalize(text string) string {
	if entityRE.MatchString(text) {
		text = entityRE.ReplaceAllStringFunc(text, html.UnescapeString)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n", "\v", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\f', r == '　':
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r), r == '\u00AD', r == '\uFEFF', r == '\u200B', r == '\u200E', r == '\u200F', r == '\u2060':
			return -1
		}
		return r
	}, text)
	return norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
}
