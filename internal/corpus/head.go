package corpus

import "github.com/accord-search/accord/internal/chunk"

// head is a run of lines between two texts that may start a new document.
type head struct {
	lines    []line
	run      [2]int // the lines of the run
	first    layout
	previous []line // the document before
}

// start returns the line at which a new document would start, -1 for none.
func (h head) start() int {
	evidence, rule := h.evidence(), h.rule()
	switch {
	case rule >= 0 && (evidence < 0 || rule < evidence):
		return rule + 1
	case evidence >= 0 && h.lines[evidence].class == classField:
		return h.fieldStart(evidence)
	case evidence >= 0:
		return h.titleBefore(evidence)
	case datelineNear(h.lines, h.run[1]):
		for i := h.run[1] - 1; i >= h.run[0]; i-- {
			if h.lines[i].class == classTitle {
				return i
			}
		}
	}
	return -1
}

// rule returns the last of the first separators of the run, -1 for none.
func (h head) rule() int {
	for i := h.run[0]; i < h.run[1]; i++ {
		if h.lines[i].class == classSeparator {
			for i+1 < h.run[1] && h.lines[i+1].class == classSeparator {
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
		named := l.class == classField && (l.field.name == fieldTitle || l.field.name == fieldURI || l.field.name == fieldID)
		if !l.dated() && !named {
			continue
		}
		if found < 0 || h.first.titleFirst && h.titleBefore(found) == found && h.titleBefore(i) < i {
			found = i
		}
	}
	return found
}

// titleBefore returns where the title that stands before line i begins, i
// where there is none.
func (h head) titleBefore(i int) int {
	if h.first.dated && !h.first.titleFirst || h.lines[i].class == classStamp && h.lines[i].stamp.title != "" {
		return i
	}
	start, titles := i, 0
	for j := i - 1; j >= h.run[0] && titles < 2; j-- {
		switch l := h.lines[j]; {
		case l.class == classTitle && (titles == 0 || h.lines[j+1].gap == 0):
			start = j
			titles++
		case l.class == classFurniture && titles == 0 && l.reason != reasonEditor:
		default:
			return start
		}
	}
	if titles == 0 && h.run[0] == i && i > 0 && h.lines[i].gap <= 1 && i > 1 && h.lines[i-1].gap > 0 && datelineNear(h.lines, h.run[1]) && sentenceTitle(h.lines[i-1]) {
		return i - 1
	}
	return start
}

// sentenceTitle reports whether l may be a title that ends with a full stop.
func sentenceTitle(l line) bool {
	return l.class == classProse && width(l.text) <= maxTitle/2 && sentences(l.text) == 1
}

// fieldStart returns where the header block around line i begins.
func (h head) fieldStart(i int) int {
	start := i
	for j := i; j >= h.run[0]; j-- {
		l := h.lines[j]
		if l.class != classField && l.class != classFurniture || l.class == classField && l.field.name == fieldOther && j < i && h.first.firstKey != fieldOther {
			break
		}
		if l.class == classField {
			start = j
		}
		if l.class == classField && l.field.name == h.first.firstKey {
			break
		}
	}
	if h.first.titleFirst && h.first.firstKey != fieldTitle {
		return h.titleBefore(start)
	}
	return start
}

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
		titled = titled || l.titled() || i == 0 && sentenceTitle(l)
		dated = dated || l.dated()
		rich = rich || l.class == classStamp && l.stamp.rich
		furnished = furnished || l.class == classFurniture
		keys = keys || l.class == classField && (l.field.name == fieldTitle || l.field.name == fieldURI || l.field.name == fieldID || l.field.name == fieldDate)
		if l.class == classTitle {
			title = l.text
		}
	}
	opened := datelineNear(h.lines, end)
	add(1, titled)
	add(1, dated)
	add(1, rich)
	add(1, furnished && dated)
	add(2, keys)
	add(2, opened)
	add(1, start < len(h.lines) && h.lines[start].gap >= 2)
	add(1, width(title) >= longTitle)
	own := layoutOf(h.lines, start, end)
	add(1, dated && own.stampOrder == h.first.stampOrder && own.date.Sub(h.first.date).Abs() < near)
	add(1, restarts(h.previous, h.lines[end:]))
	add(1, title != "" && repeated(title, h.lines[end:min(end+5, len(h.lines))]))
	if start > h.run[0] && h.lines[start-1].class == classSeparator {
		add(1, true)
		add(1, !weakSeparatorRE.MatchString(h.lines[start-1].text))
	}
	// Where the first document has a date, one without is rather a section of it.
	add(-1, h.first.dated && !dated && !opened)
	if !titled && !opened && !keys {
		return 0
	}
	return points
}

// restarts reports whether numbered articles begin anew: previous has a first
// article and more, and next has a first one soon.
func restarts(previous, next []line) bool {
	first := ""
	for _, l := range next[:min(4, len(next))] {
		if label, _, ok := chunk.LeadingNumber(l.text); ok {
			first = label
			break
		}
	}
	if first == "" {
		return false
	}
	numbers := 0
	seen := false
	for _, l := range previous {
		if label, _, ok := chunk.LeadingNumber(l.text); ok {
			numbers++
			seen = seen || label == first
		}
	}
	return seen && numbers > 1
}
