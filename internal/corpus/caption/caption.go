// Package caption recognises the captions of pictures.
package caption

import (
	"embed"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	maxCaption = 900 // in columns; wider paragraphs with a credit are prose
	maxCredit  = 300 // in bytes
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	creditRE = patterns.Regexp("credit")
	startRE  = patterns.Regexp("caption start")
	dayEndRE = patterns.Regexp("day at the end")
	shownRE  = patterns.Regexp("what a picture shows")
)

// Credited reports whether text is a caption that names the photographer or agency.
func Credited(text string) bool {
	end := prose.Tail(text, maxCredit)
	return mayCredit(end) && prose.Width(text) <= maxCaption && creditRE.MatchString(end) && prose.Sentences(text) <= 4
}

// mayCredit reports whether end may contain a credit. It is faster than creditRE.
func mayCredit(end string) bool {
	return slices.ContainsFunc([]string{"/", "©", "摄", "攝", "图", "新华社", "中新社", "oto", "mage", "redit", "rédit", "ild", "getty", "Getty"}, func(hint string) bool {
		return strings.Contains(end, hint)
	})
}

// Labelled reports whether text says that it is a caption: "File photo …", "图为…".
func Labelled(text string) bool {
	return prose.Width(text) <= maxCaption && startRE.MatchString(text) && prose.Sentences(text) <= 3
}

// DescribesPicture reports whether text is one or two sentences in the present tense
// that end with a date, as captions are.
func DescribesPicture(text string) bool {
	return prose.Width(text) <= 400 && dayEndRE.MatchString(text) && shownRE.MatchString(text) && prose.Sentences(text) <= 2
}
