package line

import (
	"embed"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	minWrap = 50  // columns; headers have runs of shorter lines
	maxWrap = 132 // columns; a longer line is a paragraph of its own
	fullest = 0.7 // the share of the wrap width that a line which goes on fills
)

// unwrap joins the lines of hard-wrapped paragraphs. Lines of files that give
// each paragraph one line stay as they are.
func unwrap(lines []Line) []Line {
	wrap := wrapWidth(lines)
	var out, pages []Line // pages: the page numbers since the last line
	full := false         // whether the physical line before is as long as wrapped lines are
	for _, l := range lines {
		if l.Reason == furniture.PageNumber {
			pages = append(pages, l)
			continue
		}
		if pages != nil && prose.StartsLower(l.Text) {
			l.Gap = 0 // a sentence goes on over the page
		}
		if n := len(out) - 1; n >= 0 && goesOn(out[n], l, full, wrap) {
			out[n].Text, out[n].Class = prose.Join(out[n].Text, l.Text), Unknown
		} else {
			out = append(append(out, pages...), l)
			pages = nil
		}
		full = fills(l, wrap)
	}
	return append(out, pages...)
}

func fills(l Line, wrap int) bool { return float64(prose.Width(l.Text)) >= fullest*float64(wrap) }

// wrapWidth returns the width at which lines are wrapped, 0 where they are not.
func wrapWidth(lines []Line) int {
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
	wrap := widths[(len(widths)-1)*95/100]
	if wrap < minWrap || wrap > maxWrap {
		return 0
	}
	pairs, going := 0, 0
	for i := 1; i < len(lines); i++ {
		if a, b := lines[i-1], lines[i]; a.ordinary() && b.ordinary() && b.Gap == 0 {
			pairs++
			if !prose.Ends(a.Text) && fills(a, wrap) {
				going++
			}
		}
	}
	if going < 2 || going*5 < pairs*2 {
		return 0
	}
	return wrap
}

// goesOn reports whether the paragraph a goes on in l.
func goesOn(a, l Line, full bool, wrap int) bool {
	if l.Gap > 0 || !a.ordinary() {
		return false
	}
	dated := l.Class == PlaceDate || l.Class == Stamp && !l.Stamp.Rich
	if (l.ordinary() || dated) && prose.Hangs(a.Text) || titleSoFar(a) && l.Class == Title && linkRE.MatchString(l.Text) {
		return true
	}
	if !l.ordinary() || l.Class == Dateline {
		return false
	}
	if wrap == 0 || !full {
		return prose.StartsLower(l.Text) && !prose.Ends(a.Text)
	}
	if _, _, numbered := chunk.LeadingNumber(l.Text); numbered && (prose.Ends(a.Text) || wrap == 0) {
		return false
	}
	return !l.Indent || a.Indent && !prose.Ends(a.Text)
}

// titleSoFar reports whether a is a title, or one in capitals put together of
// several lines.
func titleSoFar(a Line) bool {
	return a.Class == Title || a.Class == Unknown && strings.ToUpper(a.Text) == a.Text
}

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

// linkRE matches the second line of a title in capitals.
var linkRE = patterns.Regexp("title goes on")
