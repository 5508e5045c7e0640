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

var (
	sectionRE = regexp.MustCompile(`^(?:第` + gap + `(?:` + hanDigits + `|` + digits + `)` + gap + `(?:[章节節编編篇]|部分)|` +
		`(?i:chapter|section|part|title|annex|appendix|cap[íi]tulo|secci[óo]n|parte|t[íi]tulo|anexo|chapitre|titre|annexe)[ ](?:` +
		digits + `|` + romans + `|[A-Z]|(\pL{3,}))\b[.:]?)`)
	asideRE = regexp.MustCompile(`[（(][^（）()]*[）)]\s*$`)
)

// isSection reports whether text is the heading of a chapter or section.
func isSection(text string) bool {
	_, ok := sectionName(text)
	return ok
}

// sectionName returns the text after the number of a chapter or section heading. ok is
// false if text is no such heading, as in "Section 3 of the Act".
func sectionName(text string) (string, bool) {
	if len(text) > 4*maxHeading {
		return "", false
	}
	m := sectionRE.FindStringSubmatch(text)
	if m == nil || m[1] != "" && ordinal(m[1]) == 0 || m[0] != text && !isBare(text) {
		return "", false
	}
	name := text[len(m[0]):]
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(name, unicode.IsSpace))
	return name, !unicode.IsLower(first) && !strings.ContainsRune(",;", first) && !hanReferenceRE.MatchString(name)
}

// isBare reports whether text can be a heading or a closing line: a single short line
// that does not end a sentence or clause.
func isBare(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return len(text) <= 4*maxHeading && !strings.ContainsAny(text, "\n\r") && columns(text) <= maxHeading &&
		(text == "" || unicode.IsLetter(last) || unicode.IsNumber(last) || unicode.In(last, unicode.Pe, unicode.Pf) || last == '"')
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
