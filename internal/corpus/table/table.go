// Package table reads CSV and TSV row by row: it finds the separator and the names of
// the columns.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxColumns = 1000
	maxLines   = 100_000 // of a row; one that has more has quotes that are not closed
	maxName    = 100     // code points of the name of a column
	sample     = 20      // rows that are looked at for the separator
)

// Errors of tables. Compare them with errors.Is.
var (
	ErrColumns = fmt.Errorf("has more than %d columns; leave some out", maxColumns)
	ErrRow     = errors.New("close its quotes")
)

// Row is a row of a table.
type Row struct {
	Line  int // line of the file, from 1
	Cells []string
}

// Each calls visit for each row below the names of the columns. If the first row has no
// names, columns are named "column 1" and so on. from is read as rows are visited. A row
// of more than about limit bytes or maxLines lines fails with ErrRow.
func Each(from io.Reader, limit int64, visit func(columns []string, row Row) error) error {
	text := bufio.NewReaderSize(from, maxSample)
	head, err := text.Peek(maxSample)
	if end := bytes.LastIndexByte(head, '\n') + 1; err == nil && end > 0 { // the last row may be cut off
		head = head[:end]
	}
	row := &bounded{from: text, limit: limit}
	r := reader(row, separator(string(head)))
	columns := []string(nil)
	for {
		row.left, row.lines = limit, 0
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fault(err)
		case len(cells) > maxColumns:
			return ErrColumns
		}
		line, _ := r.FieldPos(0)
		if columns == nil {
			named := isHead(cells)
			columns = names(cells, named)
			if named {
				continue
			}
		}
		if err := visit(columns, Row{line, cells}); err != nil {
			return err
		}
	}
}

// maxSample is how many bytes at the start of a table are searched for its separator.
const maxSample = 256 << 10

// bounded fails with ErrRow if more than left bytes or maxLines lines are read.
type bounded struct {
	from        io.Reader
	limit, left int64
	lines       int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.left <= 0:
		return 0, fmt.Errorf("has a row of more than %d bytes; %w, or raise the limit", b.limit, ErrRow)
	case b.lines > maxLines:
		return 0, fmt.Errorf("has a row of more than %d lines; %w, or shorten its cells", maxLines, ErrRow)
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.lines += bytes.Count(p[:n], []byte{'\n'})
	return n, err
}

func reader(from io.Reader, comma rune) *csv.Reader {
	r := csv.NewReader(from)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	return r
}

func fault(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d: %w; mend the quotes of that row", parse.StartLine, parse.Err)
	}
	return err
}

// separator returns the character that divides the first rows into the most columns, the
// same number in each.
func separator(text string) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', '\t', ';', '|'} {
		r := reader(strings.NewReader(text), comma)
		width, same := 0, 0
		for range sample {
			cells, err := r.Read()
			if err != nil {
				break
			}
			if width == 0 {
				width = len(cells)
			}
			if len(cells) == width {
				same += width - 1
			}
		}
		if same > most {
			best, most = comma, same
		}
	}
	return best
}

// isHead reports whether cells are names of columns: short, different, and no numbers.
func isHead(cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if _, err := strconv.ParseFloat(c, 64); err == nil || seen[c] && c != "" || utf8.RuneCountInString(c) > maxName {
			return false
		}
		seen[c] = true
	}
	return len(seen) > 1 || len(cells) == 1 && !strings.ContainsAny(cells[0], ".!?。")
}

// names returns the names of the columns.
func names(cells []string, named bool) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if out[i] = strings.Join(strings.Fields(strings.TrimPrefix(c, "\uFEFF")), " "); !named || out[i] == "" {
			out[i] = fmt.Sprint("column ", i+1)
		}
	}
	return out
}
