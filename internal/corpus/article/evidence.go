package article

import (
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// score weighs what speaks for a document that starts at line start.
func (h head) score(start int) int {
	points := 0
	add := func(n int, when bool) {
		if when {
			points += n
		}
	}
	lines, end := h.lines[start:h.run[1]], h.run[1]
	var titled, dated, rich, furnished, keys bool
	title := ""
	for i, l := range lines {
		titled = titled || l.Titled() || i == 0 && line.SentenceTitle(l)
		dated = dated || l.Dated()
		rich = rich || l.Class == line.Stamp && l.Stamp.Rich
		furnished = furnished || l.Class == line.Furniture
		keys = keys || l.Class == line.Field && (l.Field.Name == header.Title || l.Field.Name == header.URI || l.Field.Name == header.ID) || l.Class == line.Field && l.Dated()
		if l.Class == line.Title {
			title = l.Text
		}
	}
	opened := datelineNear(h.lines, end)
	instrument := start == h.instrument()
	add(1, titled)
	add(1, dated)
	add(1, rich)
	add(1, furnished && dated)
	add(2, keys)
	add(2, opened)
	add(2, instrument)
	add(1, start < len(h.lines) && h.lines[start].Gap >= 2)
	add(1, prose.Width(title) >= longTitle)
	own := layoutOf(h.lines, start, end)
	add(1, dated && own.stampOrder == h.first.stampOrder && own.date.Sub(h.first.date).Abs() < near)
	add(1, restarts(h.previous, h.lines[end:]))
	add(1, title != "" && repeated(title, h.lines[end:min(end+5, len(h.lines))]))
	if start > h.run[0] && h.lines[start-1].Class == line.Separator {
		add(1, true)
		add(1, !furniture.IsWeakSeparator(h.lines[start-1].Text))
	}
	// Where the first document has a date, one without is rather a section of it.
	add(-1, h.first.dated && !dated && !opened && !instrument)
	if !titled && !opened && !keys || h.announced(start) && !rich && !keys {
		return 0
	}
	return points
}
