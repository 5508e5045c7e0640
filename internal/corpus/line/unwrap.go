package line

import (
	"embed"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	maxTitle     = 1000     // bytes of a title of several lines
	minWrap      = 50       // columns; shorter lines may be headers
	maxWrap      = 132      // columns; a longer line is a paragraph of its own
	maxParagraph = 32 << 10 // bytes of a paragraph that is joined from lines
	fullest      = 0.7      // minimum share of the wrap width for a line to be full, so that its paragraph may continue
)

// unwrap joins the lines of hard-wrapped paragraphs. It does not change files with one line
// per paragraph.
func unwrap(lines []Line) []Line {
	wrap := wrapWidth(lines)
	var out, pages []Line       // pages holds the page numbers and breaks since the last line of text
	var joined *prose.Paragraph // the last line of out, if it is joined from several; then out has only its end
	full := false               // whether the previous physical line is as wide as wrapped lines are
	for _, l := range lines {
		if l.Reason == furniture.PageNumber || l.Text == "\f" {
			pages = append(pages, l)
			continue
		}
		if pages != nil && prose.StartsLower(l.Text) {
			l.Gap = 0 // the sentence continues on the next page
		}
		if n := len(out) - 1; n >= 0 && (joined == nil || joined.Size() <= maxParagraph) && goesOn(out[n], l, full, wrap) {
			if joined == nil {
				joined = &prose.Paragraph{}
				joined.Add(out[n].Text)
			}
			joined.Add(l.Text)
			out[n].Text, out[n].Class = joined.End(), Unknown
			pages = slices.DeleteFunc(pages, func(page Line) bool { return page.Text == "\f" })
		} else {
			finish(out, joined)
			out = append(append(out, pages...), l)
			pages, joined = nil, nil
		}
		full = fills(l, wrap)
	}
	finish(out, joined)
	return append(out, pages...)
}

// finish sets the text of the last line to the paragraph that was joined for it, if there
// is one.
func finish(lines []Line, joined *prose.Paragraph) {
	if joined != nil {
		lines[len(lines)-1].Text = joined.String()
	}
}

// fills reports whether l is as wide as wrapped lines are.
func fills(l Line, wrap int) bool { return float64(prose.Width(l.Text)) >= fullest*float64(wrap) }

// wrapWidth returns the width at which lines are wrapped, or 0 if they are not.
func wrapWidth(lines []Line) int {
	wrap := usualWidth(lines)
	if wrap < minWrap || wrap > maxWrap {
		return 0
	}
	pairs, wrapped := 0, 0 // neighbours without a blank line between them; those whose first line is full and does not end a sentence
	for i := 1; i < len(lines); i++ {
		a, b := lines[i-1], lines[i]
		if !a.ordinary() || !b.ordinary() || b.Gap > 0 {
			continue
		}
		pairs++
		if !prose.EndsClause(a.Text) && fills(a, wrap) {
			wrapped++
		}
	}
	if wrapped < 2 || wrapped*5 < pairs*2 {
		return 0
	}
	return wrap
}

// usualWidth returns the width that 95 % of the lines do not exceed, or 0 if there are too
// few lines.
func usualWidth(lines []Line) int {
	var widths []int
	for _, l := range lines {
		if l.ordinary() {
			widths = append(widths, prose.Width(l.Text))
		}
	}
	if len(widths) < 3 {
		return 0
	}
	slices.Sort(widths)
	return widths[(len(widths)-1)*95/100]
}

// goesOn reports whether paragraph a continues in l. full reports whether the physical line
// above l is as wide as wrapped lines are.
func goesOn(a, l Line, full bool, wrap int) bool {
	switch {
	case l.Gap > 0 || !a.ordinary() || len(a.Text) > maxParagraph:
		return false
	case mustGoOn(a, l):
		return true
	case !l.ordinary() || l.Class == Dateline:
		return false
	case wrap == 0 || !full:
		return prose.StartsLower(l.Text) && !prose.EndsClause(a.Text)
	case prose.EndsClause(a.Text):
		return !l.Indent && !prose.Numbered(l.Text)
	}
	return !l.Indent || a.Indent
}

// mustGoOn reports whether l continues line a: a sentence that a leaves incomplete, or a title
// in capitals.
func mustGoOn(a, l Line) bool {
	if prose.Incomplete(a.Text) && (l.ordinary() || l.Class == PlaceDate || l.Class == Stamp && !l.Stamp.Rich) {
		return true
	}
	return l.Class == Title && titleSoFar(a) && linkRE.MatchString(l.Text)
}

// titleSoFar reports whether a is a title, possibly joined from several lines in capitals.
func titleSoFar(a Line) bool {
	return a.Class == Title || a.Class == Unknown && len(a.Text) <= maxTitle && strings.ToUpper(a.Text) == a.Text
}

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

// linkRE matches the second line of a title in capitals.
var linkRE = patterns.Regexp("title goes on")
