package pdf

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// box is a rectangle of the page.
type box struct{ left, right, bottom, top float64 }

// textLine is a line of a column.
type textLine struct {
	box
	text  string
	cells []cell // of a row with wide gaps; one for other lines
	size  float64
	base  float64 // height of its baseline
	bold  bool
	page  int  // from 1
	isRow bool // is a row of a table between rules
	// colLeft and colRight are the edges of its column.
	colLeft, colRight float64
}

// gap is a strip of a page without text, from top to bottom.
type gap struct{ left, right float64 }

const (
	minGutter   = 0.8 // minimum space between columns, in ems
	minColumn   = 9.0 // minimum width of a column, in ems
	minColLines = 3   // minimum number of lines of a column
	minFill     = 0.5 // minimum share of a column's width that its median line fills
	maxSplits   = 6   // maximum depth of columns inside columns
)

// order returns the lines of a page in reading order. A band is a group of runs that
// overlap in height. Bands with a common gutter form a region, whose columns are read one
// after the other.
func order(runs []run, depth int) (out []textLine) {
	left, right := extent(runs)
	var region []run
	var gutters []gap // gutters of the region; none if all its text so far is on one side
	flush := func() {
		out = append(out, split(region, gutters, depth)...)
		region, gutters = nil, nil
	}
	for _, band := range bandsOf(runs) {
		free := gapsOf(band, left, right)
		inside := interior(band, free)
		common := intersect(gutters, free)
		if len(gutters) > 0 && len(common) == 0 || len(gutters) == 0 && len(inside) > 0 || len(gutters) > 0 && len(inside) == 0 && far(region, band) {
			flush()
		}
		if len(region) == 0 {
			gutters = inside
		} else {
			gutters = common
		}
		region = append(region, band...)
	}
	flush()
	return out
}

// interior returns the gaps with text of the band on both sides.
func interior(band []run, gaps []gap) (inside []gap) {
	left, right := extent(band)
	for _, g := range gaps {
		if g.left > left && g.right < right {
			inside = append(inside, g)
		}
	}
	return inside
}

// far reports whether a band, all on one side of a gutter, is too far below the text on
// that side to continue it. It is not if it touches the text on the other side: a short cell in
// the middle of its row.
func far(region, band []run) bool {
	left, right := extent(band)
	nearest, size := -1.0, band[0].size
	top := heightOf(band).top
	if heightOf(region).bottom-top < 0.1*size {
		return false
	}
	for _, r := range region {
		if r.left < right && r.right > left && (nearest < 0 || r.bottom < nearest) {
			nearest = r.bottom
		}
	}
	return nearest < 0 || nearest-top > 3*size
}

// split reads a region row by row if it is a table, column by column if it has columns of text, and
// otherwise line by line.
func split(region []run, gutters []gap, depth int) []textLine {
	if len(region) == 0 {
		return nil
	}
	var one, two []run
	isText := false
	for _, g := range gutters {
		one, two = nil, nil
		for _, r := range region {
			if r.left+r.right < g.left+g.right {
				one = append(one, r)
			} else {
				two = append(two, r)
			}
		}
		if isText = depth < maxSplits && isColumn(one) && isColumn(two) && apart(one, two); isText {
			break
		}
	}
	rows, isTable := readGaps(region, gutters, isText)
	switch {
	case len(gutters) > 0 && isTable:
		return rows
	case isText:
		return append(order(one, depth+1), order(two, depth+1)...)
	}
	return linesOf(region)
}

// isColumn reports whether runs are the lines of a column, not the cells of a table.
func isColumn(runs []run) bool {
	lines := linesOf(runs)
	if len(lines) < minColLines {
		return false
	}
	left, right := extent(runs)
	em := bodySize(lines)
	var fills []float64
	letters := 0
	for _, l := range lines {
		fills = append(fills, (l.right-l.left)/max(right-left, 1))
		letters += utf8.RuneCountInString(l.text)
	}
	slices.Sort(fills)
	return right-left >= minColumn*em && fills[len(fills)/2] >= minFill && letters >= 12*len(lines)
}

// apart reports whether two columns are next to each other: they overlap in height by more
// than 30 % of the smaller height. Otherwise one is below the other.
func apart(one, two []run) bool {
	a, b := heightOf(one), heightOf(two)
	shared := min(a.top, b.top) - max(a.bottom, b.bottom)
	return shared > 0.3*min(a.top-a.bottom, b.top-b.bottom)
}

func heightOf(runs []run) (b box) {
	b.bottom, b.top = runs[0].bottom, runs[0].top
	for _, r := range runs {
		b.bottom, b.top = min(b.bottom, r.bottom), max(b.top, r.top)
	}
	return b
}

// bandsOf returns the runs in groups that overlap in height, from top to bottom.
func bandsOf(runs []run) (bands [][]run) {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return cmp.Compare(b.top, a.top) })
	bottom := 0.0
	for _, r := range sorted {
		height := r.top - r.bottom
		if n := len(bands); n > 0 && r.top-0.2*height > bottom {
			bands[n-1] = append(bands[n-1], r)
			bottom = min(bottom, r.bottom)
			continue
		}
		bands = append(bands, []run{r})
		bottom = r.bottom
	}
	return bands
}

func extent(runs []run) (left, right float64) {
	if len(runs) == 0 {
		return 0, 0
	}
	left, right = runs[0].left, runs[0].right
	for _, r := range runs {
		left, right = min(left, r.left), max(right, r.right)
	}
	return left, right
}

// gapsOf returns the strips between left and right that no run of a band touches and
// that are wide enough for a gutter.
func gapsOf(band []run, left, right float64) (gaps []gap) {
	sorted := slices.Clone(band)
	slices.SortFunc(sorted, func(a, b run) int { return cmp.Compare(a.left, b.left) })
	em := 0.0
	for _, r := range sorted {
		em = max(em, min(r.size, 14))
	}
	at := left
	for _, r := range sorted {
		if r.left-at >= minGutter*em {
			gaps = append(gaps, gap{at, r.left})
		}
		at = max(at, r.right)
	}
	if right-at >= minGutter*em {
		gaps = append(gaps, gap{at, right})
	}
	return gaps
}

// intersect returns the strips that are free in both, at least 5 points wide.
func intersect(a, b []gap) (out []gap) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if both := (gap{max(a[i].left, b[j].left), min(a[i].right, b[j].right)}); both.right-both.left >= 5 {
			out = append(out, both)
		}
		if a[i].right < b[j].right {
			i++
		} else {
			j++
		}
	}
	return out
}
