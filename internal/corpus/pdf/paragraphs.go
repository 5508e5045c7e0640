package pdf

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

const (
	headScale  = 1.1  // minimum size of a heading, as a multiple of the size of the text
	maxHeading = 160  // columns
	maxLeading = 1.25 // maximum distance between lines of a paragraph, as a multiple of the usual one
	minIndent  = 0.8  // minimum indent of the first line of a paragraph, in ems
)

// bulletRE matches the marks of list items.
var bulletRE = regexp.MustCompile(`^(?:[•●○▪■◦‣❑❖➢➔☐☒☑✓–—*·]\s|-\s|[(（]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)）]\s)`)

// builder joins lines to paragraphs.
type builder struct {
	body      float64 // size of the font of the text
	leading   float64 // usual distance between the tops of lines, divided by their size
	allBold   bool
	compounds map[string]bool
	out       []Paragraph
	ends      []textLine // the last line of each of them
	last      textLine   // the line before, in reading order
	row       bool       // whether last is a row of a table
	distance  float64    // distance between the tops of last and of the line before it
	sizes     []float64
}

// paragraphsOf joins the lines of all pages to paragraphs.
func paragraphsOf(pages [][]textLine) []Paragraph {
	all := slices.Concat(pages...)
	b := builder{body: bodySize(all), leading: leadingOf(all), compounds: compoundsOf(all)}
	bold := 0
	for _, l := range all {
		if l.bold {
			bold++
		}
		if l.size >= headScale*b.body && !slices.Contains(b.sizes, roundHalf(l.size)) {
			b.sizes = append(b.sizes, roundHalf(l.size))
		}
	}
	slices.Sort(b.sizes)
	slices.Reverse(b.sizes)
	b.allBold = bold*3 > len(all)
	for i, l := range all {
		var next *textLine
		if i+1 < len(all) {
			next = &all[i+1]
		}
		b.add(l, next)
	}
	return b.out
}

// add appends a line to the paragraph above it, or begins a new one.
func (b *builder) add(l textLine, next *textLine) {
	if l.text == "" {
		return
	}
	row := l.isRow || !prose.Numbered(l.text) && (l.alignsWith(next) || b.row && l.alignsWith(&b.last))
	kind, level := b.kindOf(l, row)
	if !row {
		b.skipNotes(l, next, kind)
	}
	distance := b.last.top - l.top
	switch {
	case row:
		b.out = append(b.out, Paragraph{Text: l.joined(" | "), Kind: document.KindParagraph, Page: l.page})
	case len(b.out) > 0 && !b.row && b.continues(l, next, kind):
		p := &b.out[len(b.out)-1]
		joined := join(p.Text, l.text, b.compounds)
		if l.page > b.last.page {
			p.Turns = append(p.Turns, Turn{len(joined) - len(l.text), l.page})
		}
		p.Text = joined
	default:
		b.out = append(b.out, Paragraph{Text: l.text, Kind: kind, Level: level, Page: l.page})
	}
	if l.isRow {
		distance = 0 // a row is as high as its highest cell
	}
	b.ends = append(b.ends[:len(b.out)-1], l)
	b.last, b.row, b.distance = l, row, distance
}

// kindOf returns KindHeading and the level if a line is a heading: larger than the text, or
// bold. Otherwise it returns KindUnknown.
func (b *builder) kindOf(l textLine, row bool) (document.Kind, int) {
	if row || prose.Width(l.text) > maxHeading || strings.IndexFunc(l.text, unicode.IsLetter) < 0 {
		return document.KindUnknown, 0
	}
	if at := slices.Index(b.sizes, roundHalf(l.size)); at >= 0 {
		return document.KindHeading, at + 1
	}
	if l.bold && !b.allBold && !prose.EndsSentence(l.text) && l.right < l.colLeft+0.9*(l.colRight-l.colLeft) {
		return document.KindHeading, len(b.sizes) + 1
	}
	return document.KindUnknown, 0
}

// continues reports whether a line continues the paragraph above it.
func (b *builder) continues(l textLine, next *textLine, kind document.Kind) bool {
	last, p := b.last, b.out[len(b.out)-1]
	first, _ := utf8.DecodeRuneInString(l.text)
	open := !prose.EndsSentence(last.text)
	switch {
	case kind != p.Kind, roundHalf(l.size) != roundHalf(last.size) && (kind == document.KindHeading || last.size > 1.2*l.size || l.size > 1.2*last.size):
		return false
	case prose.Numbered(l.text), bulletRE.MatchString(l.text), chunk.IsArticleHead(last.text):
		return false
	case l.page != last.page, l.top > last.top+l.size, l.colLeft > last.colRight: // the next page or column
		return kind != document.KindHeading && open && (unicode.IsLower(first) || fills(last, l) && !indented(l, nil))
	case last.top-l.top > maxLeading*b.leadingAt(l, next):
		return false
	case kind == document.KindHeading:
		return true
	case indented(l, &last):
		return false
	}
	return fills(last, l) || open && unicode.IsLower(first) || strings.HasSuffix(last.text, "-")
}

// fills reports whether a line has no room left for the first word of the next line. If so,
// the line was broken only because it was full, and the paragraph continues.
func fills(l, next textLine) bool {
	word, _, _ := strings.Cut(next.text, " ")
	wide := (next.right - next.left) / float64(max(prose.Width(next.text), 1)) * float64(prose.Width(word))
	if first, _ := utf8.DecodeRuneInString(word); prose.IsCJK(first) {
		wide = 2 * next.size // a character, and perhaps a mark that must not begin a line
	}
	return l.right+wide+0.2*l.size >= l.colRight
}

// leadingAt returns the distance between the tops of lines around a line: that of its
// neighbours, if they are in its column, otherwise the usual one.
func (b *builder) leadingAt(l textLine, next *textLine) float64 {
	usual, near := b.leading*max(l.size, 1), 0.0
	for _, d := range []float64{b.distance, distanceTo(l, next)} {
		if d > 0.8*l.size && d < 2.2*l.size && (near == 0 || d < near) {
			near = d
		}
	}
	if near == 0 {
		return usual
	}
	return near
}

// distanceTo returns how far the next line is below l, or 0 if it is not in the same
// column.
func distanceTo(l textLine, next *textLine) float64 {
	if next == nil || next.isRow || next.page != l.page || next.colLeft != l.colLeft {
		return 0
	}
	return l.top - next.top
}

// indented reports whether a line begins to the right of its column, and, unless last is
// nil, to the right of the line above it.
func indented(l textLine, last *textLine) bool {
	by := minIndent * max(l.size, 1)
	return l.left > l.colLeft+by && (last == nil || l.left > last.left+by && last.left <= last.colLeft+by)
}

// leadingOf returns the usual distance between the tops of two lines of a paragraph,
// divided by the size of their font.
func leadingOf(lines []textLine) float64 {
	var all []float64
	for i := 1; i < len(lines); i++ {
		a, b := lines[i-1], lines[i]
		if d := (a.top - b.top) / max(b.size, 1); a.page == b.page && !a.isRow && !b.isRow && d > 0.5 && d < 3 && roundHalf(a.size) == roundHalf(b.size) {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return 1.3
	}
	slices.Sort(all)
	return all[len(all)/2]
}
