package article

import (
	"slices"
	"time"

	"github.com/accord-search/accord/internal/corpus/caption"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// layout describes the head of a document. The heads of one file usually look like its
// first one.
type layout struct {
	dated      bool
	titleFirst bool // a title line comes before the date
	firstKey   header.Key
	order      []byte // order of titles (t) and dates (d)
	date       time.Time
}

// piece is the part of a file that is one document.
type piece struct {
	lines []line.Line
	begin Origin // why it begins there
}

// split splits the lines of a file into documents, at least one. Each head may start a new
// document. A head is a run of lines that are not body text.
func split(lines []line.Line) []piece {
	end := headEnd(lines, 0)
	first := layoutOf(lines[:end])
	starts, reasons := []int{0}, []string{"beginning of the file"}
	var numbered labels // of the lines from the last start to read
	read := 0
	for begin := end; begin < len(lines); begin = max(end, begin+1) {
		end = headEnd(lines, begin)
		if end == begin || end == len(lines) {
			continue
		}
		numbered.add(lines[read:begin])
		read = begin
		h := head{lines: lines, begin: begin, end: end, first: first, previous: lines[starts[len(starts)-1]:begin], labels: numbered}
		if start, ok := h.startsDocument(); ok {
			numbered, read = labels{}, start
			starts, reasons = append(starts, start), append(reasons, h.candidate(start).reasons())
		}
	}
	documents := make([]piece, len(starts))
	for i, start := range starts {
		end := len(lines)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		documents[i] = piece{lines: lines[start:end], begin: Origin{Rule: reasons[i]}}
		if start < end {
			documents[i].begin.Line = lines[start].Text
		}
	}
	return documents
}

// headEnd returns the end of the run of lines, starting at begin, that fit a head.
func headEnd(lines []line.Line, begin int) int {
	end := begin
	for end < len(lines) && lines[end].FitsHead() {
		end++
	}
	return end
}

// layoutOf returns the layout of a head.
func layoutOf(lines []line.Line) layout {
	var found layout
	for _, l := range lines {
		found.add(l)
	}
	return found
}

func (f *layout) add(l line.Line) {
	titled, dated := l.Titled(), l.Dated()
	if titled {
		f.titleFirst = f.titleFirst || !f.dated
		f.order = append(f.order, 't')
	} else if dated {
		f.order = append(f.order, 'd')
	}
	if dated && !f.dated {
		f.dated, f.date = true, l.Day()
	}
	if l.Class == line.Field && f.firstKey == header.None {
		f.firstKey = l.Field.Key
	}
}

// datelineNear reports whether one of the first four lines of text is a dateline, with only
// captions of pictures above it.
func datelineNear(text []line.Line) bool {
	for _, l := range text[:min(4, len(text))] {
		switch {
		case l.Class == line.Dateline:
			return true
		case l.Class != line.Caption && !caption.DescribesPicture(l.Text) && !caption.Labelled(l.Text):
			return false
		}
	}
	return false
}

// repeated reports whether one of the lines is the title.
func repeated(title string, lines []line.Line) bool {
	return slices.ContainsFunc(lines, func(l line.Line) bool { return titles.Same(title, l.Text) })
}
