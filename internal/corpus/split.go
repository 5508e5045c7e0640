package corpus

import "time"

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
	firstKey   fieldName
	stampOrder string
	date       time.Time
}

// split cuts the lines of a file into those of its documents, at least one.
func split(lines []line) [][]line {
	var (
		first    layout
		starts   = []int{0}
		bodySeen bool
	)
	for i := 0; i < len(lines); {
		end := i
		for end < len(lines) && lines[end].headable() {
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
	documents := make([][]line, len(starts))
	for i, start := range starts {
		end := len(lines)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		documents[i] = lines[start:end]
	}
	return documents
}

// headable reports whether l may stand in the head of a document.
func (l line) headable() bool {
	switch l.class {
	case classTitle, classStamp, classPlaceDate, classField, classFurniture, classSeparator:
		return true
	}
	return false
}

// dated reports whether l gives a date of publication.
func (l line) dated() bool {
	switch l.class {
	case classStamp, classPlaceDate:
		return true
	case classField:
		isDate := l.field.name == fieldDate || l.field.name == fieldUpdated || l.field.name == fieldIssued
		return isDate && !l.day().IsZero()
	}
	return false
}

// day returns the date that l gives.
func (l line) day() time.Time {
	moments := l.stamp.moments
	if l.class == classField {
		moments = fieldMoments(l.field.value)
	}
	if len(moments) == 0 {
		return time.Time{}
	}
	return moments[0].at
}

// titled reports whether l gives a title.
func (l line) titled() bool {
	return l.class == classTitle || l.class == classStamp && l.stamp.title != "" || l.class == classField && l.field.name == fieldTitle
}

func layoutOf(lines []line, start, end int) layout {
	var found layout
	for _, l := range lines[start:end] {
		if l.titled() && !found.dated {
			found.titleFirst = true
		}
		if l.dated() && !found.dated {
			found.dated, found.date = true, l.day()
		}
		if l.class == classField && found.firstKey == fieldNone {
			found.firstKey = l.field.name
		}
		if l.titled() {
			found.stampOrder += "t"
		} else if l.dated() {
			found.stampOrder += "d"
		}
	}
	return found
}

// datelineNear reports whether a dateline opens the text at i or, after the
// captions of pictures, one of the three lines that follow.
func datelineNear(lines []line, i int) bool {
	for _, l := range lines[i:min(i+4, len(lines))] {
		switch {
		case l.class == classDateline:
			return true
		case l.class != classCaption && !shows(l.text) && !captionAlone(l.text):
			return false
		}
	}
	return false
}
