package article

import (
	"time"

	"github.com/accord-search/accord/internal/corpus/caption"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// enough is the evidence that starts a new document. A title with a date scores
// two, for a chronology has such headings too; what else speaks for a document
// is worth a point or two more.
const enough = 3

const (
	longTitle = 36                       // columns; the headings inside a document are mostly shorter
	near      = 2 * 365 * 24 * time.Hour // a chronology goes further back than a collection of news
)

// layout is what the head of a file's first document looks like: the heads of
// the others in the file tend to look the same.
type layout struct {
	dated      bool
	titleFirst bool // a title line stands before the date
	firstKey   header.Name
	stampOrder string
	date       time.Time
}

// split cuts the lines of a file into those of its documents, at least one.
func split(lines []line.Line) [][]line.Line {
	var (
		first    layout
		starts   = []int{0}
		bodySeen bool
	)
	for i := 0; i < len(lines); {
		end := i
		for end < len(lines) && lines[end].Headable() {
			end++
		}
		switch {
		case end == i:
			bodySeen = true
			end++
		case !bodySeen:
			first = layoutOf(lines, i, end)
		case end < len(lines):
			h := head{lines: lines, run: [2]int{i, end}, first: first, previous: lines[starts[len(starts)-1]:i]}
			if start := h.start(); start >= 0 && h.score(start) >= enough && !h.completes() {
				starts = append(starts, start)
			}
		}
		i = end
	}
	documents := make([][]line.Line, len(starts))
	for i, start := range starts {
		end := len(lines)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		documents[i] = lines[start:end]
	}
	return documents
}

func layoutOf(lines []line.Line, start, end int) layout {
	var found layout
	for _, l := range lines[start:end] {
		if l.Titled() && !found.dated {
			found.titleFirst = true
		}
		if l.Dated() && !found.dated {
			found.dated, found.date = true, l.Day()
		}
		if l.Class == line.Field && found.firstKey == header.None {
			found.firstKey = l.Field.Name
		}
		if l.Titled() {
			found.stampOrder += "t"
		} else if l.Dated() {
			found.stampOrder += "d"
		}
	}
	return found
}

// datelineNear reports whether a dateline opens the text at i or, after the
// captions of pictures, one of the three lines that follow.
func datelineNear(lines []line.Line, i int) bool {
	for _, l := range lines[i:min(i+4, len(lines))] {
		switch {
		case l.Class == line.Dateline:
			return true
		case l.Class != line.Caption && !caption.Describes(l.Text) && !caption.Certain(l.Text):
			return false
		}
	}
	return false
}

func repeated(title string, lines []line.Line) bool {
	for _, l := range lines {
		if titles.Same(title, l.Text) {
			return true
		}
	}
	return false
}
