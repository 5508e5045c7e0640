package pdf

import (
	"regexp"

	"github.com/accord-search/accord/internal/document"
)

const (
	noteScale = 0.92 // maximum size of a footnote, as a multiple of the size of the text
	maxNotes  = 50   // paragraphs of footnotes of a page
)

// noteRE matches the beginning of a footnote.
var noteRE = regexp.MustCompile(`^(?:[(\[]?\d{1,3}[)\].]?\s|[⁰¹²³⁴-⁹]{1,3}\s*\S|[*†‡§]{1,3}\s*\S)`)

// skipNotes prepares for a line that begins a page or a column. If the line continues the paragraph
// above the footnotes of the page or column before, skipNotes moves that paragraph after them.
func (b *builder) skipNotes(l textLine, next *textLine, kind document.Kind) {
	if l.page == b.last.page && l.top <= b.last.top+l.size || b.row {
		return
	}
	first := len(b.out) // the first of the notes
	for first > 0 && len(b.out)-first < maxNotes && b.isNote(first-1) {
		first--
	}
	if first == 0 || first == len(b.out) || !noteRE.MatchString(b.out[first].Text) {
		return
	}
	main, end := b.out[first-1], b.ends[first-1]
	if main.Page != b.last.page || len(main.Turns) > 0 || main.Kind != document.KindUnknown || end.top < b.ends[first].top {
		return
	}
	above := *b
	above.out, above.last = b.out[:first], end
	if !above.continues(l, next, kind) {
		return
	}
	copy(b.out[first-1:], b.out[first:])
	copy(b.ends[first-1:], b.ends[first:])
	b.out[len(b.out)-1], b.ends[len(b.out)-1], b.last = main, end, end
}

// isNote reports whether a paragraph may be a footnote of the page before: it is small and no heading.
func (b *builder) isNote(i int) bool {
	p, end := b.out[i], b.ends[i]
	return p.Page == b.last.page && p.Kind == document.KindUnknown && end.size <= noteScale*b.body
}
