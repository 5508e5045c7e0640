package office

import (
	"fmt"
	"strings"

	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/line"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
)

// writer makes lines of paragraphs and tables.
type writer struct {
	lines  []line.Line
	title  string
	head   map[string]string // "author" and "date", as paragraphs of the text give them
	tables []*grid
	notes  []string
	size   int // of what was written, in bytes
}

// grid is a table while it is read.
type grid struct {
	row     [][]string // the paragraphs of each cell
	cell    []string
	deleted bool // the row is deleted by a tracked change
}

// full reports whether too much was written.
func (w *writer) full() bool { return w.size > maxWritten || len(w.lines) > maxLines }

// fits counts bytes that are to be written, and reports whether they may be written.
func (w *writer) fits(bytes int) bool {
	w.size += bytes
	return !w.full()
}

func newWriter() writer { return writer{head: map[string]string{}} }

// add adds a finished paragraph to the text, or to the cell that it is in.
func (w *writer) add(p *paragraph) {
	text := strings.TrimSpace(decode.Normalize(p.text.String()))
	if text == "" || p.omitted || !w.fits(len(p.mark)+len(text)) {
		return
	}
	if p.head != "" && len(w.tables) == 0 {
		w.head[p.head] = prose.Squeeze(text)
		return
	}
	if len(w.tables) > 0 {
		t := w.tables[len(w.tables)-1]
		t.cell = append(t.cell, prose.Squeeze(p.mark+text))
		return
	}
	if p.title && w.title == "" {
		w.title = prose.Squeeze(text)
	}
	if p.code {
		w.lines = append(w.lines, line.Line{Text: text, Gap: 1, Kind: document.KindParagraph})
		return
	}
	for i, row := range strings.Split(text, "\n") {
		l := line.Line{Text: prose.Squeeze(row), Gap: 1, Kind: p.kind, Level: p.level}
		if l.Text == "" {
			continue
		}
		if i == 0 {
			l.Text = p.mark + l.Text
		}
		if p.title {
			l.Kind, l.Level = document.KindHeading, 1
		}
		if l.Kind == document.KindUnknown && (p.list || prose.Width(l.Text) > minProse) {
			l.Kind = document.KindParagraph
		}
		w.lines = append(w.lines, l)
	}
}

func (w *writer) beginTable() { w.tables = append(w.tables, &grid{}) }

// endCell adds a cell to its row.
func (w *writer) endCell() {
	if len(w.tables) == 0 {
		return
	}
	t := w.tables[len(w.tables)-1]
	t.row, t.cell = append(t.row, t.cell), nil
}

// endRow adds a row, "2021 | 1.9 m". A row of a table inside a cell becomes a part of
// the cell. A row of one cell is a frame around paragraphs.
func (w *writer) endRow() {
	if len(w.tables) == 0 {
		return
	}
	t := w.tables[len(w.tables)-1]
	row, deleted := t.row, t.deleted
	t.row, t.deleted = nil, false
	size := 0
	for _, cell := range row { // before they are joined, since cells may be repeated
		for _, text := range cell {
			size += len(text)
		}
	}
	if deleted || !w.fits(size) {
		return
	}
	parts := []string{}
	for _, cell := range row {
		parts = append(parts, strings.Join(cell, " "))
	}
	if len(row) != 1 {
		for len(parts) > 0 && parts[len(parts)-1] == "" { // such as cells that a merged one covers
			parts = parts[:len(parts)-1]
		}
		parts = []string{strings.Join(parts, " | ")}
	} else {
		parts = row[0]
	}
	for _, text := range parts {
		if strings.Trim(text, " |") == "" {
			continue
		}
		if n := len(w.tables); n > 1 {
			w.tables[n-2].cell = append(w.tables[n-2].cell, text)
		} else {
			w.lines = append(w.lines, line.Line{Text: text, Gap: 1, Kind: document.KindParagraph})
		}
	}
}

func (w *writer) endTable() {
	if len(w.tables) > 0 {
		w.tables = w.tables[:len(w.tables)-1]
	}
}

// note keeps a note and returns the mark that stands for it in the text.
func (w *writer) note(text string) string {
	text = prose.Squeeze(decode.Normalize(text))
	if text == "" || len(w.notes) >= maxNotes {
		return ""
	}
	w.notes = append(w.notes, text)
	return fmt.Sprintf("[%d]", len(w.notes))
}

// finish returns the text with its notes at the end. It fails with ErrText if that is too much.
func (w *writer) finish(k article.Known) (Text, error) {
	if w.full() {
		return Text{}, ErrText
	}
	for i, text := range w.notes {
		w.lines = append(w.lines, line.Line{Text: fmt.Sprintf("[%d] %s", i+1, text), Gap: 1, Kind: document.KindParagraph})
	}
	k.Title = titleOf(w.lines, w.title, k.Title)
	if author := w.head["author"]; author != "" {
		k.Metadata["author"] = author
	}
	if moments := datetime.FindInField(w.head["date"]); len(moments) > 0 {
		k.Published = &moments[0]
	}
	k.TitleShown = true
	return Text{Lines: w.lines, Known: k}, nil
}
