package article

import (
	"bytes"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// enough is the minimum score at which a new document starts. A title with a date alone
// scores only two, since the headings of a chronology have both.
const enough = 3

const (
	longTitle = 36                       // in columns; most headings inside a document are shorter
	near      = 2 * 365 * 24 * time.Hour // dates of a chronology are further apart than those of news
)

// candidate is a line where a new document may start.
type candidate struct {
	head
	start int
	lines []line.Line // lines from start to the text below
	text  []line.Line // text below, up to the end of the file
	title string      // title line nearest to the text

	titled, dated bool
	rich          bool // its date has a time of day or a source
	furnished     bool // it has lines of page furniture
	keyed         bool // it has a header line with a title, id or date
	opened        bool // the text begins with a dateline
	instrument    bool // its title is that of an agreement or a declaration
}

// evidence lists what counts for a new document at a candidate, or against it.
var evidence = []struct {
	name   string
	weight int
	holds  func(c candidate) bool
}{
	{"title", 1, func(c candidate) bool { return c.titled }},
	{"date", 1, func(c candidate) bool { return c.dated }},
	{"stamp with a time or a source", 1, func(c candidate) bool { return c.rich }},
	{"date among lines of the page", 1, func(c candidate) bool { return c.furnished && c.dated }},
	{"header line", 2, func(c candidate) bool { return c.keyed }},
	{"dateline opens the text", 2, func(c candidate) bool { return c.opened }},
	{"agreement or declaration", 2, func(c candidate) bool { return c.instrument }},
	{"two blank lines above", 1, func(c candidate) bool { return c.head.lines[c.start].Gap >= 2 }},
	{"long title", 1, func(c candidate) bool { return prose.Width(c.title) >= longTitle }},
	{"looks like the first document", 1, candidate.resemblesFirst},
	{"articles are numbered from the first again", 1, func(c candidate) bool { return restarts(c.labels, c.text) }},
	{"title repeated in the text", 1, func(c candidate) bool { return c.title != "" && repeated(c.title, c.text[:min(5, len(c.text))]) }},
	{"separator above", 1, func(c candidate) bool { return c.separator() != "" }},
	{"separator that parts no sections", 1, func(c candidate) bool { return c.separator() != "" && !furniture.IsWeakSeparator(c.separator()) }},
	// Such a candidate is more likely a section of the first document.
	{"no date, but the first document has one", -1, func(c candidate) bool { return c.first.dated && !c.dated && !c.opened && !c.instrument }},
}

// candidate returns the candidate at line start, with all that score needs.
func (h head) candidate(start int) candidate {
	c := candidate{head: h, start: start, lines: h.lines[start:h.end], text: h.lines[h.end:]}
	for _, l := range c.lines {
		if l.Class == line.Title {
			c.title = l.Text
		}
	}
	some := func(holds func(l line.Line) bool) bool { return slices.ContainsFunc(c.lines, holds) }
	c.titled = some(line.Line.Titled) || len(c.lines) > 0 && line.SentenceTitle(c.lines[0])
	c.dated = some(line.Line.Dated)
	c.rich = some(func(l line.Line) bool { return l.Class == line.Stamp && l.Stamp.Rich })
	c.furnished = some(func(l line.Line) bool { return l.Class == line.Furniture })
	c.keyed = some(func(l line.Line) bool { return l.Identifies() || l.Class == line.Field && l.Dated() })
	c.opened = datelineNear(c.text)
	c.instrument = start == h.instrument()
	return c
}

// score adds up the evidence for a new document. It is 0 if nothing suggests a document, or
// if the text above announces what follows as a part of it.
func (c candidate) score() int {
	if !c.titled && !c.opened && !c.keyed || c.announced(c.start) && !c.rich && !c.keyed {
		return 0
	}
	points := 0
	for _, e := range evidence {
		if e.holds(c) {
			points += e.weight
		}
	}
	return points
}

// resemblesFirst reports whether title and date are in the same order as in the first
// document, and the date is near that document's date.
func (c candidate) resemblesFirst() bool {
	own := layoutOf(c.lines)
	return c.dated && bytes.Equal(own.order, c.first.order) && own.date.Sub(c.first.date).Abs() < near
}

// separator returns the rule or counter right above the candidate, or "".
func (c candidate) separator() string {
	if c.start > c.begin && c.head.lines[c.start-1].Class == line.Separator {
		return c.head.lines[c.start-1].Text
	}
	return ""
}
