// Package furniture recognises lines that belong to the page around an article:
// navigation, buttons, share links, copyright, bylines, advertisements. Its patterns
// are in the files under patterns.
package furniture

import (
	"embed"
	"slices"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

//go:embed patterns/*.txt
var files embed.FS

// Reasons that other packages use: names of kinds in the files of patterns, and Foot, which
// has no patterns.
const (
	PageNumber = "page number"
	Related    = "related articles"
	Editor     = "editor's line"
	Rights     = "copyright"
	Link       = "link"
	Request    = "request"
	Foot       = "foot of the page"
)

var buttons = pattern.MustLoad(files, "patterns/buttons.txt", nil)

// kinds are the patterns in the order in which they are tried. They must match whole lines,
// so that prose about printing or copyright is kept.
var kinds = slices.Concat(
	pattern.MustLoad(files, "patterns/tools.txt", map[string]string{"button": buttons.Alternatives("button")}),
	pattern.MustLoad(files, "patterns/navigation.txt", nil),
	pattern.MustLoad(files, "patterns/related.txt", nil),
	pattern.MustLoad(files, "patterns/rights.txt", nil),
	pattern.MustLoad(files, "patterns/people.txt", nil),
	pattern.MustLoad(files, "patterns/links.txt", nil),
	pattern.MustLoad(files, "patterns/requests.txt", nil),
)

// maxFurniture is the maximum width in columns of a line that a pattern drops. Copyright
// notices may be twice as wide.
const maxFurniture = 200

// Reason returns why text is not part of an article, or "" if it may be part of one.
func Reason(text string) string {
	columns := prose.Width(text)
	if columns > 2*maxFurniture {
		return ""
	}
	for _, kind := range kinds {
		if (columns <= maxFurniture || kind.Name == Rights) && kind.Regexp().MatchString(text) {
			return kind.Name
		}
	}
	if toolbar(text) {
		return "tools"
	}
	return ""
}

var (
	credits  = pattern.MustLoad(files, "patterns/credits.txt", nil)
	creditRE = credits.Regexp("picture credit")
)

// OfCaption returns why the caption of a picture says nothing of what it shows, or "" if it may say that.
func OfCaption(text string) string {
	if IsPictureCredit(text) {
		return "picture credit"
	}
	if reason := Reason(text); reason != Rights || prose.Width(text) <= maxCredit {
		return reason
	}
	return ""
}

// IsPictureCredit reports whether text only says who made a picture.
func IsPictureCredit(text string) bool {
	return prose.Width(text) <= maxFurniture && creditRE.MatchString(text)
}

// maxCredit is the maximum width in columns of a caption that only names the owner of a picture.
const maxCredit = 60

var (
	stuck   = pattern.MustLoad(files, "patterns/stuck.txt", nil)
	stuckRE = stuck.Regexp("stuck")
)

// FindStuck returns the byte ranges of the buttons and the labels of links in s, a line
// with other text.
func FindStuck(s string) [][]int { return stuckRE.FindAllStringIndex(s, -1) }

// ReplaceStuck returns s with replacement in place of each such button or label.
func ReplaceStuck(s, replacement string) string { return stuckRE.ReplaceAllString(s, replacement) }

var (
	separators      = pattern.MustLoad(files, "patterns/separator.txt", nil)
	separatorRE     = separators.Regexp("separator")
	weakSeparatorRE = separators.Regexp("weak separator")
)

// IsSeparator reports whether text is a rule or a counter between documents.
func IsSeparator(text string) bool { return separatorRE.MatchString(text) }

// IsWeakSeparator reports whether text is a rule that may also separate sections of one
// document.
func IsWeakSeparator(text string) bool { return weakSeparatorRE.MatchString(text) }
