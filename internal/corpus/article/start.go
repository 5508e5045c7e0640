package article

import (
	"slices"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// head is a run of lines between two texts, where a new document may start.
type head struct {
	lines      []line.Line // lines of the whole file
	begin, end int         // bounds of the run
	first      layout
	previous   []line.Line // lines of the document before
	labels     labels      // labels of articles in previous
}

// startsDocument returns the line of the head at which a new document starts. ok is false
// if none starts there.
func (h head) startsDocument() (start int, ok bool) {
	start = h.start()
	return start, start >= 0 && h.candidate(start).score() >= enough && !h.completes()
}

// start returns the line at which a new document would start, or -1.
func (h head) start() int {
	mark, rule := h.firstMark(), h.rule()
	switch {
	case rule >= 0 && (mark < 0 || rule < mark):
		return rule + 1
	case mark >= 0 && h.lines[mark].Class == line.Field:
		return h.fieldStart(mark)
	case mark >= 0:
		return h.titleBefore(mark)
	case datelineNear(h.lines[h.end:]):
		if title := h.lastTitle(); title >= 0 {
			return title
		}
	}
	return h.instrument()
}

// lastTitle returns the title line nearest to the text, or -1.
func (h head) lastTitle() int {
	for i := h.end - 1; i >= h.begin; i-- {
		if h.lines[i].Class == line.Title {
			return i
		}
	}
	return -1
}

// instrument returns the line of the run that is the title of an agreement or statement
// whose articles begin below it, or -1.
func (h head) instrument() int {
	for i := h.begin; i < h.end; i++ {
		if h.lines[i].Class == line.Title && titles.IsInstrument(h.lines[i].Text) && line.FirstArticle(h.lines[h.end:]) != "" {
			return i
		}
	}
	return -1
}

// rule returns the last line of the first rule or counter in the run, or -1.
func (h head) rule() int {
	for i := h.begin; i < h.end; i++ {
		if h.lines[i].Class == line.Separator {
			for i+1 < h.end && h.lines[i+1].Class == line.Separator {
				i++
			}
			return i
		}
	}
	return -1
}

// firstMark returns the line of the run that dates or identifies a document, or -1. If the file
// has titles above its dates, a date without a title belongs to the text above, unless it
// is the only one.
func (h head) firstMark() int {
	found := -1
	for i := h.begin; i < h.end; i++ {
		if !h.datesOrIdentifies(i) {
			continue
		}
		if found < 0 || h.first.titleFirst && !h.hasTitleAbove(found) && h.hasTitleAbove(i) {
			found = i
		}
	}
	return found
}

// datesOrIdentifies reports whether line i dates or identifies a document, and does not end the text
// above.
func (h head) datesOrIdentifies(i int) bool {
	l := h.lines[i]
	if !l.Dated() && !l.Identifies() {
		return false
	}
	return !h.signature(i) && (l.Class != line.PlaceDate || h.hasTitleAbove(i))
}

// hasTitleAbove reports whether a title is right above line i.
func (h head) hasTitleAbove(i int) bool { return h.titleBefore(i) < i }

// signature reports whether line i is a date below the name of an authority, as at the end
// of official letters. It returns false if the documents of the file begin with a title and
// a date.
func (h head) signature(i int) bool {
	l := h.lines[i]
	return string(h.first.order) != "td" && l.Class == line.Stamp && !l.Stamp.Rich && i > 0 && l.Gap == 0 && titles.IsIssuer(h.lines[i-1].Text)
}

// titleBefore returns the first line of the title right above line i, or i if there is
// none. A title has one or two lines.
func (h head) titleBefore(i int) int {
	if h.first.dated && !h.first.titleFirst || h.lines[i].Class == line.Stamp && h.lines[i].Stamp.Title != "" {
		return i
	}
	start, count := i, 0
	for j := i - 1; j >= h.begin && count < 2; j-- {
		switch l := h.lines[j]; {
		case l.Class == line.Title && (count == 0 || h.lines[j+1].Gap == 0):
			start = j
			count++
		case l.Class == line.Furniture && count == 0 && l.Reason != furniture.Editor:
		default:
			return start
		}
	}
	if count == 0 && h.sentenceAbove(i) {
		return i - 1
	}
	return start
}

// sentenceAbove reports whether line i is the first of the run, and the line above it is the
// title of a news text in the form of a sentence.
func (h head) sentenceAbove(i int) bool {
	return h.begin == i && i > 1 && h.lines[i].Gap <= 1 && h.lines[i-1].Gap > 0 &&
		datelineNear(h.lines[h.end:]) && line.SentenceTitle(h.lines[i-1])
}

// fieldStart returns the first line of the header block around line i.
func (h head) fieldStart(i int) int {
	start := i
	for j := i; j >= h.begin && h.inBlock(j, i); j-- {
		if l := h.lines[j]; l.Class == line.Field {
			start = j
			if l.Field.Key == h.first.firstKey {
				break
			}
		}
	}
	if h.first.titleFirst && h.first.firstKey != header.Title {
		return h.titleBefore(start)
	}
	return start
}

// inBlock reports whether line j belongs to the header block of line i. A key such as
// "Keywords" belongs to the text above, unless the header blocks of the file begin with
// such a key.
func (h head) inBlock(j, i int) bool {
	l := h.lines[j]
	if l.Class == line.Field {
		return l.Field.Key != header.Other || j == i || h.first.firstKey == header.Other
	}
	return l.Class == line.Furniture
}

// completes reports whether the run only gives the date of the document before it. That
// document must have no date yet, and no text except pictures and a standfirst.
func (h head) completes() bool {
	startsText := func(l line.Line) bool {
		return l.Dated() || l.Class == line.Dateline || l.Class == line.Prose && prose.Width(l.Text) > titles.MaxWidth
	}
	startsHead := func(l line.Line) bool {
		return l.Titled() || l.Class == line.Separator || l.Class == line.Field && l.Field.Key != header.Other
	}
	if slices.ContainsFunc(h.previous, startsText) || slices.ContainsFunc(h.lines[h.begin:h.end], startsHead) {
		return false
	}
	texts := 0
	for _, l := range h.previous {
		if l.Class == line.Prose {
			texts++
		}
	}
	return texts <= 1 && slices.ContainsFunc(h.previous, line.Line.Titled)
}

// announced reports whether the text above line start announces what follows as a part of
// it: "联合声明全文如下：".
func (h head) announced(start int) bool {
	if start == 0 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(h.lines[start-1].Text)
	return last == ':' || last == '：'
}

// restarts reports whether the numbering of articles starts again in next: its first label
// is also in previous, which has other labels too.
func restarts(previous labels, next []line.Line) bool {
	first := line.FirstArticle(next)
	return first != "" && previous.count > 1 && previous.seen[first]
}

// labels has the labels of articles of one document. They are collected as the lines of a file
// are read, since looking at all lines for each head would take quadratic time.
type labels struct {
	count int
	seen  map[string]bool
}

// add adds the labels of lines.
func (l *labels) add(lines []line.Line) {
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	for _, next := range lines {
		if label, _, ok := chunk.LeadingNumber(next.Text); ok {
			l.count++
			l.seen[label] = true
		}
	}
}
