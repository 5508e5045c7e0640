package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestExplain: --explain says for each document which rule and which line made it begin
// where it does, and gave it its title, date and language.
func TestExplain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeFile(t, folder, "two.txt", "Ministers meet in Lima\n\nMay 3, 2024 10:15\n\nThey met in Lima on Friday and spoke about trade.\n\n"+
		"Trade grows\n\nMay 4, 2024 11:15\n\nTrade grew in the year, as the ministers had hoped.\n")
	writeFile(t, folder, "page.html", `<html lang="es"><head><title>Puerto - Diario</title><meta property="og:title" content="El puerto abre">`+
		`<meta property="article:published_time" content="2024-05-06T07:08:09Z"></head><body><article><p>El puerto de Chancay abre sus puertas en noviembre y recibe barcos de todo el mundo.</p></article></body></html>`)
	writeFile(t, folder, "2024-02-01-post.md", "---\nlanguage: en\n---\nThe first sentence of a post. And another one.\n")
	writeFile(t, folder, "done.txt", "JOINT STATEMENT\n\nThe two sides agreed on much and on more.\n\nDone at Lima on 15 November 2024.\n")
	code, out, report := accord(t, "ingest", "--dry-run", "--explain", folder)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, report)
	}
	says(t, report,
		`decided    two.txt, document 1: begin: beginning of the file: "Ministers meet in Lima"`,
		`decided    two.txt, document 1: title "Ministers meet in Lima": title line above the text: "Ministers meet in Lima"`,
		`decided    two.txt, document 1: date 2024-05-03T10:15:00Z: line with the date: "May 3, 2024 10:15"`,
		`decided    two.txt, document 1: language en: detected in the text`,
		`decided    two.txt, document 2: begin: title; date; stamp with a time or a source; looks like the first document: "Trade grows"`,
		`decided    page.html, document 1: title "El puerto abre": og:title`,
		`decided    page.html, document 1: date 2024-05-06T07:08:09Z: article:published_time`,
		`decided    page.html, document 1: language es: language that the page declares`,
		`decided    2024-02-01-post.md, document 1: title "The first sentence of a post": first sentence: "The first sentence of a post. And another one."`,
		`decided    2024-02-01-post.md, document 1: date 2024-02-01T00:00:00Z: name of the file`,
		`decided    2024-02-01-post.md, document 1: language en: metadata of the file`,
		`decided    done.txt, document 1: date 2024-11-15T00:00:00Z: place and date: "Done at Lima on 15 November 2024."`,
	)
	if strings.Contains(out, "decided") {
		t.Errorf("decisions are on standard output")
	}
	for line := range strings.Lines(mustAccord(t, "ingest", "--dry-run", "--explain", "-o", "json", folder)) {
		var d dryDocument
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		if about := []string{"begin", "title", "date", "language"}; d.File == "two.txt" && (len(d.Decisions) != 4 || d.Decisions[1].About != about[1] || d.Decisions[1].Rule == "") {
			t.Errorf("%s: decisions %v", d.ID, d.Decisions)
		}
	}
}

// TestExplainUndated: a document without a date says so.
func TestExplainUndated(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeFile(t, folder, "a.txt", "The port opened.\n")
	_, report := ingested(t, 0, "--dry-run", "--explain", folder)
	says(t, report, "decided    a.txt, document 1: no date, since no line and nothing beside the text gives one")
}
