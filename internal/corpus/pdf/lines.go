package pdf

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/prose"
)

// linesOf joins the runs of a column to lines, from top to bottom.
func linesOf(runs []run) (lines []textLine) {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return cmp.Compare(b.top+b.bottom, a.top+a.bottom) })
	left, right := extent(runs)
	var own, raised []run // raised has superscripts of the next line
	var height box
	flush := func(next *run) {
		if next != nil && areRaised(own, *next) {
			raised, own = own, nil
			return
		}
		if own = append(own, raised...); len(own) > 0 {
			l := lineOf(own)
			l.colLeft, l.colRight = left, right
			lines = append(lines, l)
		}
		own, raised = nil, nil
	}
	for _, r := range sorted {
		shared := min(height.top, r.top) - max(height.bottom, r.bottom)
		if len(own) > 0 && shared >= 0.5*min(height.top-height.bottom, r.top-r.bottom) {
			own = append(own, r)
			if r.size >= own[0].size { // not a footnote mark
				height.top, height.bottom = max(height.top, r.top), min(height.bottom, r.bottom)
			}
			continue
		}
		flush(&r)
		own, height = []run{r}, box{bottom: r.bottom, top: r.top}
	}
	flush(nil)
	return lines
}

const (
	maxRaisedSize = 0.9  // maximum size of a superscript, as a multiple of the size of its line
	minRise       = 0.15 // minimum height of a superscript above its line, in ems
)

var raisedRE = regexp.MustCompile(`^[-−+]?\d{1,4}$`)

// raisedOver reports whether r is a superscript number in a line with a baseline and a font size.
func (r run) raisedOver(base, size float64) bool {
	return r.base != 0 && base != 0 && r.size <= maxRaisedSize*size && r.base >= base+minRise*size && r.base < base+size && raisedRE.MatchString(strings.TrimSpace(r.text))
}

// areRaised reports whether all runs are superscripts of the line of the next run.
func areRaised(runs []run, next run) bool {
	return len(runs) > 0 && !slices.ContainsFunc(runs, func(r run) bool { return !r.raisedOver(next.base, next.size) })
}

// lineBase returns the base and the size of the largest run.
func lineBase(runs []run) (base, size float64) {
	for _, r := range runs {
		if r.size > size {
			base, size = r.base, r.size
		}
	}
	return base, size
}

// cell is a part of a line between wide gaps.
type cell struct {
	text        string
	left, right float64
}

const (
	wordGap = 0.18 // ems between words
	cellGap = 0.7  // ems between the cells of a row, at least
	// tightGap is the maximum space, in ems, at which PDFium decides whether a word continues,
	// and not the boxes, which do not show the exact width of a letter or a ligature.
	tightGap = 0.5
)

// bulletMarkRE and numberMarkRE match the mark of a list item without its text.
var (
	bulletMarkRE = regexp.MustCompile(`^[•●○▪■◦‣❑❖➢➔☐☒☑✓]$`)
	numberMarkRE = regexp.MustCompile(`^(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]$`)
)

// lineOf joins the runs of a line. A mark of a list is in one cell with its item.
func lineOf(runs []run) textLine {
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(a.left, b.left) })
	l := textLine{box: box{runs[0].left, runs[0].right, runs[0].bottom, runs[0].top}, bold: true}
	own := cell{left: runs[0].left}
	letters := map[float64]int{}
	base, size := lineBase(runs)
	for i, r := range runs {
		text := clean(r.text)
		if i > 0 {
			before := runs[i-1]
			em := max(min(r.size, before.size), 1)
			space := r.left - before.right - em*blank(before.text)
			afterMark := i == 1 && (bulletMarkRE.MatchString(own.text) || space >= wordGap*em && numberMarkRE.MatchString(own.text))
			isRaised := r.raisedOver(base, size)
			if isRaised {
				text = prose.Superscript(text)
			}
			if before.adjoins(r) && space < tightGap*em && !afterMark {
				space = 0
			}
			switch {
			case isRaised && space < tightGap*before.size: // PDFium may see a space before it
			case afterMark:
				own.text += " "
			case space >= cellGap*em:
				l.cells = append(l.cells, own)
				own = cell{left: r.left}
			case space >= wordGap*em && !joinsTight(own.text, text, space/em), strings.HasSuffix(before.text, " "):
				own.text += " "
			}
		}
		own.text, own.right = own.text+text, r.right
		l.left, l.right, l.bottom, l.top = min(l.left, r.left), max(l.right, r.right), min(l.bottom, r.bottom), max(l.top, r.top)
		letters[r.size] += utf8.RuneCountInString(text)
		l.bold = l.bold && r.bold
	}
	l.cells = append(l.cells, own)
	if l.base = base; base == 0 {
		l.base = l.bottom
	}
	l.text, l.isRow, l.size = l.joined(" "), runs[0].isRow, mainSize(letters)
	return l
}

// blank returns how many ems are blank behind the last character of a text: the marks of Chinese take
// the left half of their square.
func blank(text string) float64 {
	if last, _ := utf8.DecodeLastRuneInString(text); strings.ContainsRune("。，、；：！？」』）》】〉〕", last) {
		return 0.5
	}
	return 0
}

// mainSize returns the size with the most letters, of several the largest one.
func mainSize(letters map[float64]int) (main float64) {
	most := 0
	for size, n := range letters {
		if n > most || n == most && size > main {
			most, main = n, size
		}
	}
	return main
}

// adjoins reports whether next directly follows r in the text of the page, so that PDFium saw
// no space between them.
func (r run) adjoins(next run) bool {
	return r.start >= 0 && next.start == r.start+utf8.RuneCountInString(r.text) && !strings.HasSuffix(r.text, " ")
}

// joined returns the text of the cells with a separator between them.
func (l *textLine) joined(separator string) string {
	texts := make([]string, len(l.cells))
	for i, c := range l.cells {
		texts[i] = strings.Join(strings.Fields(c.text), " ")
	}
	return strings.Join(texts, separator)
}

// alignsWith reports whether two lines are rows of one table: their cells begin, end or
// have their middle at the same places.
func (l *textLine) alignsWith(other *textLine) bool {
	if other == nil || len(l.cells) < 2 || len(l.cells) != len(other.cells) {
		return false
	}
	const slack = 2 // points
	near := func(a, b float64) bool { return a-b < slack && b-a < slack }
	for i, a := range l.cells {
		b := other.cells[i]
		if !near(a.left, b.left) && !near(a.right, b.right) && !near(a.left+a.right, b.left+b.right) {
			return false
		}
	}
	return true
}
