package furniture

import (
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	maxToolbar = 240 // maximum length in bytes of a row of buttons
	maxTool    = 12  // maximum width in columns of one button
)

var toolRE = buttons.Regexp("button")

// toolbar reports whether text is a row of buttons: all its words are buttons, at least
// two, or half of its words are, at least three.
func toolbar(text string) bool {
	if len(text) > maxToolbar {
		return false
	}
	words := strings.Fields(text)
	if slices.ContainsFunc(words, func(word string) bool { return prose.Width(word) > maxTool }) {
		return false
	}
	tools := 0
	for _, word := range words {
		if toolRE.MatchString(strings.Trim(word, ":：[]【】()（）|")) {
			tools++
		}
	}
	return tools >= 2 && tools == len(words) || tools >= 3 && tools*2 >= len(words)
}

var countRE = pattern.MustCompile(`[(（]\d*[)）]?$`)

// TrimButtons removes the buttons after the name of a publisher: "中国新闻网 参与互动(0)".
func TrimButtons(source string) string {
	for {
		at := strings.LastIndexByte(source, ' ')
		word := countRE.ReplaceAllString(source[at+1:], "")
		if at < 0 || prose.CountHan(word) == 0 || !toolRE.MatchString(word) && Reason(word) == "" {
			return source
		}
		source = strings.TrimSpace(source[:at])
	}
}
