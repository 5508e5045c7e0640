package pdf

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	minRows      = 3    // of a table without upright rules
	maxRows      = 1000 // of lines on a page that are searched for rows
	minWithCells = 0.6  // minimum share of the rows with at least two cells
	minWithText  = 0.6  // minimum share of the fields with text
	minAligned   = 0.6  // minimum share of the lines of a column that begin, end or are centered at one place
	alignSlack   = 3.0  // points
	rowGap       = 1.2  // distance between rows, as a multiple of the distance between lines of a cell
	minCell      = 2    // median number of letters of a cell; labels of a chart have less
	maxTextCell  = 120  // median number of letters of a cell of a table that could be columns of text
	maxMarked    = 40   // median number of letters beside a column of numbers, beyond which they are numbers of paragraphs
)

// onlyMarkRE matches the mark of a list item, a note or a paragraph.
var onlyMarkRE = regexp.MustCompile(`^(?:[•●○▪■◦‣❑❖➢➔☐☒☑✓–—*·-]|[(（\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})[.)）\]、．:]|\d+(?:\.\d+)+\.?)$`)

// gapTable is a table whose cells are told by the gaps between them.
type gapTable struct {
	gutters []gap
	bands   []tableBand
	pitch   float64 // smallest distance between the baselines of two lines
	leading float64 // smallest distance between two lines of a column
	isText  bool    // whether the columns could be columns of text
}

// tableBand is a part of a table in which lines overlap in height.
type tableBand struct {
	cells       [][]textLine // by column
	top, bottom float64      // the highest and the lowest baseline
	rules       int          // number of rules above it on the page
}

// readGaps returns the rows of a table without upright rules, and then the lines below it. ok is false
// if the region is no such table. isText tells that the columns could be columns of text.
func readGaps(region []run, gutters []gap, isText bool) (lines []textLine, ok bool) {
	bands := bandsOf(region)
	if len(bands) < minRows || len(bands) > maxRows || slices.ContainsFunc(region, func(r run) bool { return r.isRow }) {
		return nil, false
	}
	t := gapTable{gutters: gutters, isText: isText}
	for _, runs := range bands {
		t.bands = append(t.bands, bandOf(runs, gutters))
	}
	t.pitch, t.leading = t.smallestPitch(), t.smallestLeading()
	rows, below := t.rows()
	if !t.isTable(rows) {
		return nil, false
	}
	for _, row := range rows {
		lines = append(lines, row.line())
	}
	return append(lines, linesOf(slices.Concat(bands[len(bands)-below:]...))...), true
}

// bandOf divides the runs of a band into cells.
func bandOf(runs []run, gutters []gap) tableBand {
	columns := make([][]run, len(gutters)+1)
	for _, r := range runs {
		at := 0
		for at < len(gutters) && r.left+r.right > gutters[at].left+gutters[at].right {
			at++
		}
		columns[at] = append(columns[at], r)
	}
	b := tableBand{cells: make([][]textLine, len(columns)), rules: runs[0].rules}
	first := true
	for i, column := range columns {
		b.cells[i] = linesOf(column)
		for _, l := range b.cells[i] {
			if first {
				b.top, b.bottom, first = l.base, l.base, false
			}
			b.top, b.bottom = max(b.top, l.base), min(b.bottom, l.base)
		}
	}
	return b
}

// smallestPitch returns the smallest distance between two lines, one below the other.
func (t gapTable) smallestPitch() (smallest float64) {
	add := func(above, below, size float64) {
		if d := above - below; d > 0.5*size && (smallest == 0 || d < smallest) {
			smallest = d
		}
	}
	for i, b := range t.bands {
		size := 0.0
		for _, cell := range b.cells {
			for j, l := range cell {
				if size = l.size; j > 0 {
					add(cell[j-1].base, l.base, l.size)
				}
			}
		}
		if i > 0 {
			add(t.bands[i-1].bottom, b.top, size)
		}
	}
	return smallest
}

// smallestLeading returns the smallest distance between two lines of one column. It is larger than the
// pitch if short cells are in the middle of their rows, between the lines of longer ones.
func (t gapTable) smallestLeading() (smallest float64) {
	for column := range len(t.gutters) + 1 {
		lines := tableRow(t.bands).cell(column)
		for i := 1; i < len(lines); i++ {
			if d := lines[i-1].base - lines[i].base; smallest == 0 || d < smallest {
				smallest = d
			}
		}
	}
	return smallest
}

// parted reports whether a band is set apart from the one above it, by a rule or by space.
func (t gapTable) parted(i int) bool {
	return t.bands[i].rules != t.bands[i-1].rules || t.bands[i-1].bottom-t.bands[i].top > rowGap*t.pitch
}

// rows joins the bands to rows. below is the number of bands below the table.
func (t gapTable) rows() (rows []tableRow, below int) {
	for start := 0; start < len(t.bands); {
		end := start + 1
		for end < len(t.bands) && !t.parted(end) {
			end++
		}
		block := tableRow(t.bands[start:end])
		if end-start < len(t.bands) && block.isOne() {
			rows = append(rows, block)
		} else {
			rows = append(rows, t.wrapped(block)...)
		}
		start = end
	}
	for len(rows) > 0 {
		last := rows[len(rows)-1]
		if last.filled() > 1 || t.isText {
			break
		}
		rows, below = rows[:len(rows)-1], below+len(last)
	}
	return rows, below
}

// wrapped divides bands that nothing sets apart into rows: a band continues the row above it if all
// its cells go on, but not all cells of that row.
func (t gapTable) wrapped(block tableRow) (rows []tableRow) {
	for _, b := range block {
		if n := len(rows); n > 0 && t.goesOn(rows[n-1], b) {
			rows[n-1] = append(slices.Clip(rows[n-1]), b)
			continue
		}
		rows = append(rows, tableRow{b})
	}
	return rows
}

func (t gapTable) goesOn(row tableRow, b tableBand) bool {
	if (tableRow{b}).filled() >= row.filled() {
		return false
	}
	for column, cell := range b.cells {
		if len(cell) == 0 {
			continue
		}
		above := row[len(row)-1].cells[column]
		if len(above) == 0 || isNumber(cell[0].text) || !t.wraps(column, above[len(above)-1], cell[0]) {
			return false
		}
	}
	return true
}

// wraps reports whether a line of a column has no room for the first word of the next line.
func (t gapTable) wraps(column int, l, next textLine) bool {
	widest := 0.0
	for _, b := range t.bands {
		for _, own := range b.cells[column] {
			widest = max(widest, own.right-own.left)
		}
	}
	l.right, l.colRight = l.right-l.left, widest
	return fills(l, next)
}

// isTable reports whether rows are a table, not columns of text or items of a list.
func (t gapTable) isTable(rows []tableRow) bool {
	if len(rows) < minRows {
		return false
	}
	several := 0
	var sizes, beside []int // letters of the cells, and of those that are not in the first column
	for _, row := range rows {
		if row.filled() > 1 {
			several++
		}
		for column, text := range row.texts() {
			n := utf8.RuneCountInString(text)
			if len(text) > maxCell {
				return false
			}
			if n > 0 {
				sizes = append(sizes, n)
			}
			if n > 0 && column > 0 {
				beside = append(beside, n)
			}
		}
	}
	fields := len(rows) * (len(t.gutters) + 1)
	if float64(several) < minWithCells*float64(len(rows)) || float64(len(sizes)) < minWithText*float64(fields) || len(beside) == 0 || !t.aligned() {
		return false
	}
	slices.Sort(sizes)
	slices.Sort(beside)
	if sizes[len(sizes)/2] < minCell || len(t.gutters) == 1 && areMarks(rows, beside[len(beside)/2]) {
		return false
	}
	return !t.isText || sizes[len(sizes)/2] <= maxTextCell && t.standsApart(rows)
}

// areMarks reports whether the first of two columns has the marks of items, articles or paragraphs.
// beside is the median number of letters of the cells of the other column.
func areMarks(rows []tableRow, beside int) bool {
	marks := 0
	for _, row := range rows {
		text := row.texts()[0]
		switch {
		case onlyMarkRE.MatchString(text), prose.Numbered(text), chunk.IsArticleHead(text):
			marks++
		case text != "" && !isNumber(text):
			return false
		}
	}
	return marks > 0 || beside > maxMarked
}

// aligned reports whether the lines of each column begin, end or have their middle at one place.
func (t gapTable) aligned() bool {
	for column := range len(t.gutters) + 1 {
		var lefts, rights, middles []float64
		for _, b := range t.bands {
			for _, l := range b.cells[column] {
				lefts, rights, middles = append(lefts, l.left), append(rights, l.right), append(middles, (l.left+l.right)/2)
			}
		}
		if most := max(atOnePlace(lefts), atOnePlace(rights), atOnePlace(middles)); float64(most) < minAligned*float64(len(lefts)) {
			return false
		}
	}
	return true
}

// standsApart reports whether all rows are set apart from each other, have at least two cells, and no
// cell has a gap inside, as columns of text have between paragraphs. Each cell must begin at the top
// of its row or be in its middle.
func (t gapTable) standsApart(rows []tableRow) bool {
	at, uneven := 0, false
	for _, row := range rows {
		if at > 0 && !t.parted(at) || row.filled() < 2 {
			return false
		}
		at += len(row)
		top, bottom := row[0].top, row[len(row)-1].bottom
		for column := range row[0].cells {
			cell := row.cell(column)
			if len(cell) == 0 {
				continue
			}
			first, last := cell[0].base, cell[len(cell)-1].base
			if near := 0.3 * t.pitch; top-first > near && max(first+last-top-bottom, top+bottom-first-last) > 2*near {
				return false
			}
			for i := 1; i < len(cell); i++ {
				if cell[i-1].base-cell[i].base > rowGap*t.leading {
					return false
				}
			}
			uneven = uneven || top-bottom-(first-last) > 0.5*t.pitch
		}
	}
	return uneven
}
