package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// languageName returns the English name of a language, such as "Chinese" for zh.
func languageName(code string) string {
	tag, err := language.Parse(code)
	if err != nil || tag == language.Und {
		return "unknown language"
	}
	if name := display.English.Tags().Name(tag); name != "" {
		return name
	}
	return code
}

// rightToLeft are the scripts that are written from right to left.
var rightToLeft = []string{"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"}

// direction returns the value of the HTML attribute dir for a text in a language.
func direction(code string) string {
	tag, err := language.Parse(code)
	if err != nil || tag == language.Und {
		return "auto"
	}
	if script, _ := tag.Script(); slices.Contains(rightToLeft, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// day returns the date of a document, such as "29 June 2024", and "" for an undated one.
func day(d *accordv1.Document) string {
	if d.GetPublishTime() == nil {
		return ""
	}
	return d.GetPublishTime().AsTime().Format("2 January 2006")
}

// isoDay returns the date of a document for programs, such as 2024-06-29.
func isoDay(d *accordv1.Document) string {
	if d.GetPublishTime() == nil {
		return ""
	}
	return d.GetPublishTime().AsTime().Format(time.DateOnly)
}

// titleOf returns the title of a document, or its id if it has none.
func titleOf(d *accordv1.Document) string {
	if title := strings.TrimSpace(d.GetTitle()); title != "" {
		return title
	}
	return d.GetName()[strings.LastIndex(d.GetName(), "/")+1:]
}

// place returns where in its document a passage is, such as "Chapter II, article 12, page 3".
func place(p *accordv1.Passage) string {
	parts := slices.Clone(p.GetLabelPath())
	if n := len(parts); n > 0 && parts[n-1] == p.GetLabel() {
		parts = parts[:n-1]
	}
	switch p.GetKind() {
	case accordv1.PassageKind_PASSAGE_KIND_ARTICLE:
		parts = append(parts, articleName(p.GetLabel()))
	case accordv1.PassageKind_PASSAGE_KIND_HEADING:
		parts = append(parts, "heading")
	case accordv1.PassageKind_PASSAGE_KIND_CAPTION:
		parts = append(parts, "caption")
	}
	switch {
	case p.GetPageEnd() > p.GetPage():
		parts = append(parts, fmt.Sprintf("pages %d–%d", p.GetPage(), p.GetPageEnd()))
	case p.GetPage() > 0:
		parts = append(parts, fmt.Sprintf("page %d", p.GetPage()))
	}
	return strings.Join(parts, ", ")
}

// articleName returns the label of an article, after "article" if the label is a number alone.
func articleName(label string) string {
	named := strings.HasPrefix(label, "第") || strings.ContainsFunc(label, func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Han, c) })
	if named {
		return label
	}
	return strings.TrimSpace("article " + label)
}

// groupDigits returns a number with commas, such as 12,345.
func groupDigits(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// counted returns a number with a noun, such as "1 document" or "2 documents".
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return groupDigits(n) + " " + noun + "s"
}
