package article

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/language"
)

// Known holds what the format of a file says about a document, such as the front matter of
// Markdown. It takes precedence over the text.
type Known struct {
	Title, Source, URI, ID, Language string
	// TitleShown reports whether the text may repeat Title as a heading. The heading is
	// then not part of the document's text.
	TitleShown      bool
	SiteName        string // used as source if the text names none
	ClaimedLanguage string // used as language unless the text is clearly in another
	Published       *datetime.Moment
	From            From
	Metadata        map[string]string
}

// From says where in the file the values of Known were found.
type From struct{ Title, Published, Language Origin }

// Shared returns the part of Known that applies to all documents of a file.
func (k Known) Shared() Known {
	return Known{SiteName: k.SiteName, ClaimedLanguage: k.ClaimedLanguage, From: From{Language: k.From.Language}}
}

// withoutTitle returns lines without the heading that repeats the title.
func withoutTitle(lines []line.Line, title string) []line.Line {
	for i, l := range lines {
		if title != "" && l.Class == line.Title && titles.Same(titles.Clean(l.Text), title) {
			return append(append([]line.Line{}, lines[:i]...), lines[i+1:]...)
		}
		if !l.FitsHead() {
			break
		}
	}
	return lines
}

// confusedLanguages lists groups of languages that detectors mistake for each other.
var confusedLanguages = [][]string{
	{"hr", "bs", "sr", "sh", "cnr"},
	{"id", "ms"},
	{"nb", "nn", "no", "da"},
	{"cs", "sk"},
	{"pt", "gl"},
	{"es", "ca", "gl", "ast"},
	{"hi", "mr", "ne"},
	{"ru", "uk", "be", "bg"},
	{"fa", "ps", "ur"},
	{"tr", "az"},
	{"nl", "af", "fy"},
}

// chooseLanguage returns the language of the text, and records why.
func (a *Article) chooseLanguage(text string) string {
	chosen := languageOf(a.ClaimedLanguage, text)
	switch {
	case a.ClaimedLanguage == "":
		a.decide(AboutLanguage, "detected in the text", "")
	case chosen == a.ClaimedLanguage:
		a.decideGiven(AboutLanguage, a.From.Language)
	default:
		a.decide(AboutLanguage, "detected in the text, although the file says "+a.ClaimedLanguage, "")
	}
	return chosen
}

// languageOf returns the detected language of text. It returns claimed instead if claimed
// is not "", and no language is detected or the detected one is easily mistaken for claimed.
func languageOf(claimed, text string) string {
	detected := language.DetectDocument(text)
	if claimed == "" {
		return detected
	}
	related := func(group []string) bool { return slices.Contains(group, claimed) && slices.Contains(group, detected) }
	if detected == language.Unknown || slices.ContainsFunc(confusedLanguages, related) {
		return claimed
	}
	return detected
}

// LanguageTag returns the BCP-47 tag for a header value such as "en-US" or "Chinese", or ""
// if there is none.
func LanguageTag(value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	for tag, names := range map[string]string{
		"en": "english inglés anglais 英文 英语", "zh": "chinese chino chinois 中文 汉语 简体中文 繁体中文", "es": "spanish español espagnol 西班牙语 西班牙文",
		"fr": "french francés français 法语 法文", "pt": "portuguese portugués português", "de": "german alemán deutsch",
	} {
		if strings.Contains(" "+names+" ", " "+value+" ") {
			return tag
		}
	}
	tag, _, _ := strings.Cut(strings.ReplaceAll(value, "_", "-"), "-")
	if n := utf8.RuneCountInString(tag); n < 2 || n > 3 || len(tag) != n {
		return ""
	}
	return tag
}
