package pdf

import (
	"cmp"
	"slices"
	"strings"
)

const (
	maxGrid      = 4000 // fields of a table
	maxCell      = 2000 // bytes of a cell; a longer one is a column of text
	minFilled    = 0.25 // minimum share of the fields with text; a chart has less
	minFilledAll = 3    // minimum number of fields with text
	maxCrossing  = 0.1  // maximum share of runs that cross a rule of a table
)

// lattice is the grid of a table that is drawn with rules.
type lattice struct {
	xs, ys          []float64 // bounds of the columns from left to right, and of the rows from top to bottom
	across, upright []rule
}

// withTables returns the runs of a page with one run for each row of a table, in place of the runs
// in its cells. Tables inside others come first, so that their rows are text of the cell around them.
func withTables(runs []run, across, upright []rule) []run {
	tables := latticesOf(across, upright)
	slices.SortStableFunc(tables, func(a, b lattice) int { return cmp.Compare(a.area(), b.area()) })
	for _, t := range tables {
		if rows, others, ok := t.read(runs); ok {
			runs = append(others, rows...)
		}
	}
	return runs
}

// latticesOf returns the tables that rules make: groups of rules that touch each other, with at least
// two rows and two columns.
func latticesOf(across, upright []rule) (tables []lattice) {
	groups := newSets(len(across) + len(upright))
	for i, a := range across {
		for j, u := range upright {
			if a.covers(u.at) && u.covers(a.at) {
				groups.join(i, len(across)+j)
			}
		}
	}
	byGroup := map[int]*lattice{}
	var order []*lattice
	at := func(i int) *lattice {
		group := groups.first(i)
		if byGroup[group] == nil {
			byGroup[group] = &lattice{}
			order = append(order, byGroup[group])
		}
		return byGroup[group]
	}
	for i, a := range across {
		t := at(i)
		t.across = append(t.across, a)
	}
	for j, u := range upright {
		t := at(len(across) + j)
		t.upright = append(t.upright, u)
	}
	for _, t := range order {
		t.xs, t.ys = places(t.upright, t.across), places(t.across, t.upright)
		slices.Reverse(t.ys)
		if len(t.xs) > 2 && len(t.ys) > 2 && len(t.across) > 1 && len(t.upright) > 0 && len(t.xs)*len(t.ys) <= maxGrid {
			tables = append(tables, *t)
		}
	}
	return tables
}

// places returns where the columns or rows of a lattice begin and end, in ascending order: at the
// rules, and at the ends of the rules that cross them. The ends count because a table may have no
// rules at its sides.
func places(rules, crossing []rule) (out []float64) {
	var all []float64
	for _, r := range rules {
		all = append(all, r.at)
	}
	for _, r := range crossing {
		all = append(all, r.from, r.to)
	}
	slices.Sort(all)
	for _, place := range all {
		if n := len(out); n == 0 || place-out[n-1] > 2*slack {
			out = append(out, place)
		}
	}
	return out
}

func (t lattice) area() float64 {
	return (t.xs[len(t.xs)-1] - t.xs[0]) * (t.ys[0] - t.ys[len(t.ys)-1])
}

// read returns a run for each row of the table, and the runs outside it. ok is false if the rules
// do not make a table: they cross the text, or stand around columns of text or a drawing.
func (t lattice) read(runs []run) (rows, others []run, ok bool) {
	columns := len(t.xs) - 1
	fields := t.fields()
	inside := map[int][]run{} // by the first field of their cell
	crossing, all := 0, 0
	for _, r := range runs {
		row, column := t.rowAt((r.bottom+r.top)/2), t.columnAt((r.left+r.right)/2)
		if row < 0 || column < 0 {
			others = append(others, r)
			continue
		}
		all++
		if t.crosses(r, row) {
			crossing++
		}
		first := fields.first(row*columns + column)
		inside[first] = append(inside[first], r)
	}
	cells := map[int]bool{}
	for i := range columns * (len(t.ys) - 1) {
		cells[fields.first(i)] = true
	}
	if len(inside) < minFilledAll || float64(len(inside)) < minFilled*float64(len(cells)) || float64(crossing) > maxCrossing*float64(all) {
		return nil, nil, false
	}
	for row := range len(t.ys) - 1 {
		r, ok := t.row(row, fields, inside)
		if !ok {
			return nil, nil, false
		}
		if strings.Trim(r.text, " |") != "" {
			rows = append(rows, r)
		}
	}
	return rows, others, true
}

// row returns the run of a row. A cell of several rows is in its first one. ok is false if a cell has
// more text than maxCell.
func (t lattice) row(row int, fields sets, inside map[int][]run) (out run, ok bool) {
	columns := len(t.xs) - 1
	out = run{left: t.xs[0], right: t.xs[columns], top: t.ys[row], bottom: t.ys[row+1], start: -1, isRow: true, bold: true}
	var texts []string
	var all []textLine
	last := -1
	for i := row * columns; i < (row+1)*columns; i++ {
		first := fields.first(i)
		if first == last {
			continue
		}
		last = first
		text := ""
		if first >= row*columns {
			lines := linesOf(inside[first])
			for _, l := range lines {
				text, out.bold = join(text, l.text, nil), out.bold && l.bold
			}
			all = append(all, lines...)
		}
		if len(text) > maxCell {
			return out, false
		}
		texts = append(texts, text)
	}
	out.size, out.text = bodySize(all), strings.TrimRight(strings.Join(texts, " | "), " |")
	return out, true
}

// fields returns the fields of the table in sets: the fields of a set are one cell.
func (t lattice) fields() sets {
	columns, rows := len(t.xs)-1, len(t.ys)-1
	fields := newSets(columns * rows)
	for row := range rows {
		for column := range columns {
			i := row*columns + column
			x, y := (t.xs[column]+t.xs[column+1])/2, (t.ys[row]+t.ys[row+1])/2
			if column+1 < columns && !divides(t.upright, t.xs[column+1], y) {
				fields.join(i, i+1)
			}
			if row+1 < rows && !divides(t.across, t.ys[row+1], x) {
				fields.join(i, i+columns)
			}
		}
	}
	return fields
}

// divides reports whether a rule is at a place, and covers a point along it.
func divides(rules []rule, at, point float64) bool {
	return slices.ContainsFunc(rules, func(r rule) bool { return r.at-at <= 2*slack && at-r.at <= 2*slack && r.from <= point && r.to >= point })
}

// crosses reports whether an upright rule goes through a run.
func (t lattice) crosses(r run, row int) bool {
	y := (t.ys[row] + t.ys[row+1]) / 2
	return slices.ContainsFunc(t.upright, func(u rule) bool {
		return u.at > r.left+slack && u.at < r.right-slack && u.from <= y && u.to >= y
	})
}

func (t lattice) columnAt(x float64) int {
	for i := range len(t.xs) - 1 {
		if x >= t.xs[i] && x < t.xs[i+1] {
			return i
		}
	}
	return -1
}

func (t lattice) rowAt(y float64) int {
	for i := range len(t.ys) - 1 {
		if y <= t.ys[i] && y > t.ys[i+1] {
			return i
		}
	}
	return -1
}

// sets divides numbers into sets. A set is identified by its smallest number.
type sets []int

func newSets(size int) sets {
	s := make(sets, size)
	for i := range s {
		s[i] = i
	}
	return s
}

// first returns the smallest number of the set of i.
func (s sets) first(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(a, b int) {
	a, b = s.first(a), s.first(b)
	s[max(a, b)] = min(a, b)
}
