package corpus

import (
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/prose"
)

var (
	// The books of the nineties have small print, which ends with the second mark.
	bookStartRE = regexp.MustCompile(`(?m)^(?:\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG|\*END ?\*? ?THE SMALL PRINT!).*$`)
	bookEndRE   = regexp.MustCompile(`(?m)^(?:\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG|(?i:End of (?:the |this )?Project Gutenberg)).*$`)
	bookFieldRE = regexp.MustCompile(`(?mi)^(Title|Author|Release Date|Posting Date|Language): +(.*(?:\n +\S.*)*)`)
	bookDateRE  = regexp.MustCompile(`\[.*`)
	// bookMakerRE matches the paragraph that names who typed a book.
	bookMakerRE = regexp.MustCompile(`^\s*(?:This e-?(?:book|text) was )?(?i:produced|e-?text prepared|prepared|transcribed|scanned)\b[^\n]* (?:by|from)\b[^\n]*(?:\n[^\n]+)*(?:\n|$)`)
)

// readBook reads a book of Project Gutenberg: it takes the fields above the text, and
// leaves them and the licence out. It reports whether text is such a book.
func readBook(text string) (body string, k article.Known, ok bool) {
	start := bookStartRE.FindStringIndex(text)
	if start == nil {
		return "", k, false
	}
	k.TitleShown = true
	k.Metadata = map[string]string{}
	for _, m := range bookFieldRE.FindAllStringSubmatch(text[:start[0]], -1) {
		switch value := prose.Squeeze(m[2]); strings.ToLower(m[1]) {
		case "title":
			first, _, _ := strings.Cut(m[2], "\n")
			k.Title = prose.Squeeze(first)
		case "author":
			k.Metadata["author"] = value
		case "release date", "posting date": // the first may lack its day, and then stands second
			if moments := datetime.FindInField(bookDateRE.ReplaceAllString(value, "")); len(moments) > 0 && k.Published == nil {
				k.Published = &moments[0]
			}
		case "language":
			k.ClaimedLanguage = article.LanguageTag(value)
		}
	}
	body = text[start[1]:]
	if end := bookEndRE.FindStringIndex(body); end != nil {
		body = body[:end[0]]
	}
	body = bookMakerRE.ReplaceAllString(body, "")
	return body, k, true
}
