package chunk

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxHeading is the maximum width of a heading in columns.
const maxHeading = 80

var asideRE = regexp.MustCompile(`[（(][^（）()]*[）)]\s*$`)

// IsSection reports whether text is the heading of a chapter, a section or the like with its
// number, in any language of sections.txt.
func IsSection(text string) bool {
	_, ok := parseSection(text)
	return ok
}

// isBare reports whether text can be a heading or a closing line: a single short line
// that does not end a sentence or clause.
func isBare(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return len(text) <= 4*maxHeading && !strings.ContainsAny(text, "\n\r") && columns(text) <= maxHeading &&
		(text == "" || unicode.IsLetter(last) || unicode.IsMark(last) || unicode.IsNumber(last) || unicode.In(last, unicode.Pe, unicode.Pf) || last == '"')
}

// titleKey is a title in a form that ignores differences which a repetition in the text may
// have: case, width, punctuation, white space, a trailing "（全文）".
type titleKey string

func newTitleKey(title string) titleKey { return titleKey(fold(title)) }

// matches reports whether text repeats the title.
func (k titleKey) matches(text string) bool {
	const aside = 64 // maximum number of bytes that folding may remove
	return k != "" && len(text) <= 4*len(k)+aside && fold(text) == string(k)
}

func fold(s string) string {
	s = strings.TrimSpace(s)
	if rest := asideRE.ReplaceAllString(s, ""); rest != "" {
		s = rest
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}
