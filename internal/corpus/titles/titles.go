// Package titles recognises lines that read like titles, and compares and cleans titles.
package titles

import (
	"embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/publisher"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", map[string]string{"agency": publisher.AgencyPattern})

var (
	instrumentRE = patterns.Regexp("instrument")
	issuerRE     = patterns.Regexp("issuer")
	speakerRE    = patterns.Regexp("speaker")
	siteSuffixRE = patterns.Regexp("site suffix")
)

const (
	// MaxWidth is the maximum width of a title in columns.
	MaxWidth = 220
	maxWords = 40
)

var (
	// such as "(a) rain water; and"
	subItemRE  = pattern.MustCompile(`^[(（]?(?:\p{Ll}{1,2}|[ivxIVX]{1,5}|\d{1,2})[)）]\s`)
	closedRE   = pattern.MustCompile(`[,，;；:：、]$`)
	initialsRE = pattern.MustCompile(`\b\p{Lu}\.\p{Lu}\.$`)
)

// LooksLike reports whether text may be a title: it is short, not a sentence and not a
// numbered article, and neither begins nor ends in the middle of a phrase.
func LooksLike(text string) bool {
	if prose.Width(text) > MaxWidth || len(strings.Fields(text)) > maxWords || closedRE.MatchString(text) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(text)
	quoted := strings.ContainsRune("\"“「«", first) && prose.EndsSentence(text)
	if quoted || unicode.IsLower(first) || strings.ContainsRune("-•·*", first) || !strings.ContainsFunc(text, unicode.IsLetter) {
		return false
	}
	if strings.HasSuffix(text, "。") || strings.HasSuffix(text, ".") && !initialsRE.MatchString(text) || publisher.SignOff(text) != "" && !publisher.IsAgency(text) {
		return false
	}
	return !prose.Numbered(text) && !subItemRE.MatchString(text) && !speakerRE.MatchString(text)
}

var (
	bracketedRE = pattern.MustCompile(`^[（(][^（）()]*[）)]?$`)
	// such as 国发〔2016〕143号
	docNumberRE = pattern.MustCompile(`^[（(]?\p{Han}{1,10}[〔\[（(【]\d{4}[〕\]）)】]\s*第?\d+[号號][）)]?$`)
)

// Eligible reports whether a short line in a head can be the title: it is not an issuer, an
// agency, a host or the number of a document, and not in brackets.
func Eligible(text string) bool {
	return !IsIssuer(text) && !docNumberRE.MatchString(text) && !strings.HasPrefix(text, "—") && !bracketedRE.MatchString(text) &&
		!publisher.IsAgency(text) && publisher.FindHost(text) != text
}

// Clean returns title without the name of the site at its end.
func Clean(title string) string {
	if cut := strings.TrimSpace(siteSuffixRE.ReplaceAllString(title, "")); prose.Width(cut) >= 8 {
		title = cut
	}
	return strings.TrimSpace(strings.Trim(title, "#*"))
}

// separatedRE matches what stands between a title and the name of its site.
var separatedRE = pattern.MustCompile(`\s+[-–—|·•:»«/~]+\s+|\s*[|｜_]\s*|\s[-–—]+\s?|:\s+|：\s*`)

// WithoutSite returns title without the name of a site at its start or end. Text on the far
// side of that name is removed too.
func WithoutSite(title string, sites ...string) string {
	for _, site := range sites {
		key := siteKey(site)
		if key == "" || siteKey(title) == key {
			continue
		}
		start := 0
		found := separatedRE.FindAllStringIndex(title, -1)
		for i, at := range found {
			end := len(title)
			if i+1 < len(found) {
				end = found[i+1][0]
			}
			if siteKey(title[at[1]:end]) == key && strings.TrimSpace(title[start:at[0]]) != "" {
				title = title[:at[0]]
				break
			}
			if i == 0 && siteKey(title[:at[0]]) == key {
				start = at[1]
			}
		}
		title = strings.TrimSpace(title[min(start, len(title)):])
	}
	return title
}

// siteKey returns the name of a site in the form in which names are compared: its letters
// and digits in lower case, without "The".
func siteKey(name string) string {
	name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "the ")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, name)
}

// Same reports whether a and b are the same title. One of them may end with "(full text)".
func Same(a, b string) bool {
	a, b = CompareKey(a), CompareKey(b)
	return a != "" && a == b
}

var titleNotes = strings.NewReplacer("（全文）", "", "(全文)", "", "（双语）", "", "(full text)", "", "(Full text)", "", "(Full Text)", "", "(texto completo)", "", "Full text:", "", "Full Text:", "", "FULL TEXT:", "", "全文：", "", " ", "", "　", "")

// CompareKey returns a title without differences in case, spaces and notes such as "(full
// text)", for comparison.
func CompareKey(s string) string { return strings.ToLower(titleNotes.Replace(s)) }

// IsInstrument reports whether text is the title of an agreement or a declaration of
// states.
func IsInstrument(text string) bool { return instrumentRE.MatchString(text) }

// IsIssuer reports whether text is a line above or below a title that names an authority, a
// speaker, or a kind of text ("Press release").
func IsIssuer(text string) bool { return issuerRE.MatchString(text) }
