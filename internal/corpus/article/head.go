package article

import (
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
)

// head is a run of lines between two texts that may start a new document.
type head struct {
	lines    []line.Line
	run      [2]int // the lines of the run
	first    layout
	previous []line.Line // the document before
}

// start returns the line at which a new document would start, -1 for none.
func (h head) start() int {
	evidence, rule := h.evidence(), h.rule()
	switch {
	case rule >= 0 && (evidence < 0 || rule < evidence):
		return rule + 1
	case evidence >= 0 && h.lines[evidence].Class == line.Field:
		return h.fieldStart(evidence)
	case evidence >= 0:
		return h.titleBefore(evidence)
	case datelineNear(h.lines, h.run[1]):
		for i := h.run[1] - 1; i >= h.run[0]; i-- {
			if h.lines[i].Class == line.Title {
				return i
			}
		}
	}
	return h.instrument()
}

// instrument returns the line of the run that is the title of an agreement or
// statement whose articles begin below it, -1 for none.
func (h head) instrument() int {
	for i := h.run[0]; i < h.run[1]; i++ {
		if h.lines[i].Class == line.Title && titles.IsInstrument(h.lines[i].Text) && line.FirstArticle(h.lines[h.run[1]:]) != "" {
			return i
		}
	}
	return -1
}

// rule returns the last of the first separators of the run, -1 for none.
func (h head) rule() int {
	for i := h.run[0]; i < h.run[1]; i++ {
		if h.lines[i].Class == line.Separator {
			for i+1 < h.run[1] && h.lines[i+1].Class == line.Separator {
				i++
			}
			return i
		}
	}
	return -1
}

// evidence returns the line of the run that dates or names a document. Where
// titles stand before dates, a date without one belongs to the text before.
func (h head) evidence() int {
	found := -1
	for i := h.run[0]; i < h.run[1]; i++ {
		l := h.lines[i]
		named := l.Class == line.Field && (l.Field.Name == header.Title || l.Field.Name == header.URI || l.Field.Name == header.ID)
		closing := l.Class == line.PlaceDate && h.titleBefore(i) == i || h.signature(i) // of the text before
		if !l.Dated() && !named || closing {
			continue
		}
		if found < 0 || h.first.titleFirst && h.titleBefore(found) == found && h.titleBefore(i) < i {
			found = i
		}
	}
	return found
}

// signature reports whether line i is the date below the name of an authority,
// as official letters end, in a file where titles do not stand above dates so.
func (h head) signature(i int) bool {
	l := h.lines[i]
	return h.first.stampOrder != "td" && l.Class == line.Stamp && !l.Stamp.Rich && i > 0 && l.Gap == 0 && titles.IsIssuer(h.lines[i-1].Text)
}

// titleBefore returns where the title that stands before line i begins, i
// where there is none.
func (h head) titleBefore(i int) int {
	if h.first.dated && !h.first.titleFirst || h.lines[i].Class == line.Stamp && h.lines[i].Stamp.Title != "" {
		return i
	}
	start, count := i, 0
	for j := i - 1; j >= h.run[0] && count < 2; j-- {
		switch l := h.lines[j]; {
		case l.Class == line.Title && (count == 0 || h.lines[j+1].Gap == 0):
			start = j
			count++
		case l.Class == line.Furniture && count == 0 && l.Reason != furniture.Editor:
		default:
			return start
		}
	}
	if count == 0 && h.run[0] == i && i > 0 && h.lines[i].Gap <= 1 && i > 1 && h.lines[i-1].Gap > 0 && datelineNear(h.lines, h.run[1]) && line.SentenceTitle(h.lines[i-1]) {
		return i - 1
	}
	return start
}

// fieldStart returns where the header block around line i begins.
func (h head) fieldStart(i int) int {
	start := i
	for j := i; j >= h.run[0]; j-- {
		l := h.lines[j]
		if l.Class != line.Field && l.Class != line.Furniture || l.Class == line.Field && l.Field.Name == header.Other && j < i && h.first.firstKey != header.Other {
			break
		}
		if l.Class == line.Field {
			start = j
		}
		if l.Class == line.Field && l.Field.Name == h.first.firstKey {
			break
		}
	}
	if h.first.titleFirst && h.first.firstKey != header.Title {
		return h.titleBefore(start)
	}
	return start
}

// completes reports whether the run gives but the date of the document before
// it, which has had none so far, and no text but pictures and a standfirst.
func (h head) completes() bool {
	titled, text := false, 0
	for _, l := range h.previous {
		if l.Dated() || l.Class == line.Dateline || prose.Width(l.Text) > titles.MaxWidth && l.Class == line.Prose {
			return false
		}
		titled = titled || l.Titled()
		if l.Class == line.Prose {
			text++
		}
	}
	for _, l := range h.lines[h.run[0]:h.run[1]] {
		if l.Titled() || l.Class == line.Separator || l.Class == line.Field && l.Field.Name != header.Other {
			return false
		}
	}
	return titled && text <= 1
}

// announced reports whether the text before line start says that another one
// follows, which then is a part of it: "联合声明全文如下：".
func (h head) announced(start int) bool {
	if start == 0 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(h.lines[start-1].Text)
	return last == ':' || last == '：'
}

// restarts reports whether numbered articles begin anew: previous has a first
// article and more, and next has a first one soon.
func restarts(previous, next []line.Line) bool {
	first := line.FirstArticle(next)
	if first == "" {
		return false
	}
	numbers := 0
	seen := false
	for _, l := range previous {
		if label, _, ok := chunk.LeadingNumber(l.Text); ok {
			numbers++
			seen = seen || label == first
		}
	}
	return seen && numbers > 1
}
