package decode

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var entityRE = regexp.MustCompile(`&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});`)

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n", "\v", "\n", "\u00AD\n", "")

// Normalize returns text in NFC, with "\n" for all line ends except form feeds, with HTML
// entities decoded, and without invisible characters.
func Normalize(text string) string {
	if isPlain(text) {
		return text
	}
	if strings.Contains(text, "&") {
		text = entityRE.ReplaceAllStringFunc(text, html.UnescapeString)
	}
	text = lineEnds.Replace(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\f', r == '　':
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r), r == '\u00AD', r == '\uFEFF', r == '\u200B', r == '\u200E', r == '\u200F', r == '\u2060', isBidi(r):
			return -1
		}
		return r
	}, text)
	return norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
}

// isPlain reports whether text is printable ASCII without entities, which most cells of
// tables are.
func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; (b < ' ' || b > '~') && b != '\n' && b != '\t' && b != '\f' || b == '&' {
			return false
		}
	}
	return true
}

// isBidi reports whether r is a control character for the direction of text. Texts are
// stored in reading order and need none of these. One that is never closed would change how
// the text after it is shown.
func isBidi(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u061C'
}
