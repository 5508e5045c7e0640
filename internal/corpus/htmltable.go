package corpus

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

const (
	maxCell      = 200 // maximum width in columns of a cell of data; a wider one holds text that the table lays out
	cellsPerWide = 10  // minimum number of cells for each wider one in a table of data
)

// dataOf returns the rows of a table if they are data, and nil otherwise. Old pages use
// tables to arrange their text. Such tables have long cells or hold other tables.
func dataOf(table *html.Node) [][]string {
	if attr(table, "role") == "presentation" || find(table, atom.Table) != nil {
		return nil
	}
	all := rowsOf(table)
	rows, cells, wide := 0, 0, 0
	for _, row := range all {
		filled := 0
		for _, cell := range row {
			if cell == "" {
				continue
			}
			filled++
			if prose.Width(cell) > maxCell {
				wide++
			}
		}
		cells += filled
		if filled > 1 {
			rows++
		}
	}
	if rows < 2 || wide*cellsPerWide > cells {
		return nil
	}
	return all
}

// rowsOf returns the texts of the cells of a table, by row.
func rowsOf(table *html.Node) [][]string {
	var rows [][]string
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Tr:
				rows = append(rows, cellsOf(c))
			case atom.Thead, atom.Tbody, atom.Tfoot:
				visit(c)
			}
		}
	}
	visit(table)
	return rows
}

// cellsOf returns the texts of the cells of a row, without the empty ones at its end.
func cellsOf(row *html.Node) []string {
	var cells []string
	last := 0
	for c := row.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		var texts []string
		for _, l := range htmlLines(c) {
			texts = append(texts, l.Text)
		}
		cells = append(cells, strings.Join(texts, " "))
		if len(texts) > 0 {
			last = len(cells)
		}
	}
	return cells[:last]
}

// table writes each row of a table of data as one line: "2021 | 1.9 m".
func (w *htmlWriter) table(table *html.Node, rows [][]string) {
	if caption := find(table, atom.Caption); caption != nil {
		w.lines = append(w.lines, htmlLines(caption)...)
	}
	for _, row := range rows {
		if keyed(row) {
			w.fields(row)
			continue
		}
		w.add(line.Line{Text: strings.Join(row, " | "), Gap: 1, Kind: document.KindParagraph})
	}
}

// keyed reports whether the cells of a row are keys and values: "Date:", "5 May".
func keyed(row []string) bool {
	return len(row)%2 == 0 && len(row) > 0 && strings.HasSuffix(strings.ReplaceAll(row[0], "：", ":"), ":")
}

// fields writes the keys and values of a row, each pair as a line.
func (w *htmlWriter) fields(row []string) {
	for i := 0; i < len(row); i += 2 {
		w.add(line.Line{Text: strings.TrimSpace(row[i] + " " + row[i+1]), Gap: 1})
	}
}
