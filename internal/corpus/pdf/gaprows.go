package pdf

import (
	"slices"
	"strings"
	"unicode"
)

// tableRow is a row of a table: one band or several.
type tableRow []tableBand

// isOne reports whether bands, which are set apart from others, are one row: a column has less
// lines than another, and no column has two numbers.
func (r tableRow) isOne() bool {
	if len(r) == 1 {
		return true
	}
	least, most := len(r), 0
	for column := range r[0].cells {
		lines, numbers := 0, 0
		for _, b := range r {
			for _, l := range b.cells[column] {
				lines++
				if isNumber(l.text) {
					numbers++
				}
			}
		}
		if numbers > 1 {
			return false
		}
		if lines > 0 {
			least, most = min(least, lines), max(most, lines)
		}
	}
	return least < most
}

// isNumber reports whether a text is a number, perhaps with a sign or a unit such as %.
func isNumber(text string) bool {
	return strings.IndexFunc(text, unicode.IsDigit) >= 0 && strings.IndexFunc(text, unicode.IsLetter) < 0
}

func (r tableRow) cell(column int) (lines []textLine) {
	for _, b := range r {
		lines = append(lines, b.cells[column]...)
	}
	return lines
}

func (r tableRow) filled() (n int) {
	for column := range r[0].cells {
		if len(r.cell(column)) > 0 {
			n++
		}
	}
	return n
}

// texts returns the text of each cell.
func (r tableRow) texts() []string {
	texts := make([]string, len(r[0].cells))
	for column := range texts {
		for _, l := range r.cell(column) {
			texts[column] = join(texts[column], strings.TrimSpace(l.text), nil)
		}
	}
	return texts
}

// line returns the row as one line.
func (r tableRow) line() textLine {
	var all []textLine
	for column := range r[0].cells {
		all = append(all, r.cell(column)...)
	}
	out := textLine{box: all[0].box, isRow: true, bold: true}
	for _, l := range all {
		out.left, out.right, out.bottom, out.top = min(out.left, l.left), max(out.right, l.right), min(out.bottom, l.bottom), max(out.top, l.top)
		out.bold = out.bold && l.bold
	}
	out.colLeft, out.colRight, out.size = out.left, out.right, bodySize(all)
	out.text = strings.TrimRight(strings.Join(r.texts(), " | "), " |")
	out.cells = []cell{{out.text, out.left, out.right}}
	return out
}

// atOnePlace returns how many places are within alignSlack of each other, at most.
func atOnePlace(places []float64) (most int) {
	slices.Sort(places)
	from := 0
	for i, place := range places {
		for place-places[from] > alignSlack {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
