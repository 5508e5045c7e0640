package main

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/accord-search/accord/internal/chunk"
)

// maxDiff bounds the lines of the diff of a text.
const maxDiff = 60

// textDiff returns a unified diff of two texts with one sentence per line, and the number
// of its lines that are left out.
func textDiff(stored, read string) (diff string, more int) {
	lines := strings.SplitAfter(udiff.Unified("stored", "new", sentenceLines(stored), sentenceLines(read)), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	shown := lines[:min(len(lines), maxDiff)]
	return strings.Join(shown, ""), len(lines) - len(shown)
}

// sentenceLines returns a text with one sentence per line.
func sentenceLines(text string) string {
	var out strings.Builder
	for _, s := range chunk.Sentences(text) {
		out.WriteString(strings.Join(strings.Fields(text[s.StartByte:s.EndByte]), " ") + "\n")
	}
	return out.String()
}

// change prints and counts what an ingest would do with a document.
func (r *report) change(c change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.would[c.Change]++
	if r.json {
		_ = printJSON(r.io.out, c) // main reports a closed standard output
		return
	}
	if c.Change == wouldKeep {
		return
	}
	line := fmt.Sprintf("%-10s %s (%s)", c.Change, c.Name, c.File)
	if c.Why != "" {
		line += ": " + c.Why
	}
	fmt.Fprintln(r.io.out, oneLine(line))
	for _, f := range c.Fields {
		fmt.Fprintln(r.io.out, "  "+oneLine(fmt.Sprintf("%s: %q → %q", f.Field, firstCells(f.Stored, fieldCells), firstCells(f.New, fieldCells))))
	}
	for row := range strings.Lines(c.Text) {
		fmt.Fprintln(r.io.out, "  "+firstCells(row, diffCells))
	}
	if c.More > 0 {
		fmt.Fprintf(r.io.out, "  … and %d more lines\n", c.More)
	}
}

const (
	fieldCells = 120 // maximum width of a field in a diff
	diffCells  = 200 // maximum width of a line of a diff
)
