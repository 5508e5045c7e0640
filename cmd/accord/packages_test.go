package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestPackageTable checks that the table of packages in ARCHITECTURE.md lists the imports
// of each package, and that each package is above those that it imports.
func TestPackageTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| package | what it does | imports of Accord |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var rows []string // in the order of the table
	said := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		row := strings.Trim(cells[0], "`")
		rows = append(rows, row)
		said[row] = cells[len(cells)-1]
	}
	found := importsOf(t, rows)
	for at, row := range rows {
		var names []string
		for _, imported := range rows {
			if !found[row][imported] {
				continue
			}
			names = append(names, strings.TrimPrefix(imported, "internal/"))
			if slices.Index(rows, imported) < at {
				t.Errorf("%s is below %s, which it imports", row, imported)
			}
		}
		want := strings.Join(names, ", ")
		switch {
		case row == "cmd/accord":
			want = "all below"
		case want == "":
			want = "–"
		}
		if diff := gocmp.Diff(want, said[row]); diff != "" {
			t.Errorf("imports of %s (-code +table):\n%s", row, diff)
		}
	}
}

// importsOf returns the rows that each row imports. Main packages are left out, since they
// may import packages of any row.
func importsOf(t *testing.T, rows []string) map[string]map[string]bool {
	t.Helper()
	const module = "github.com/accord-search/accord/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{if ne .Name "main"}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	rowOf := func(path string) string {
		best := ""
		for _, row := range rows {
			if (path == row || strings.HasPrefix(path, row+"/")) && len(row) > len(best) {
				best = row
			}
		}
		if best == "" {
			t.Errorf("the table has no row for %s", path)
		}
		return best
	}
	found := map[string]map[string]bool{}
	for _, row := range rows {
		found[row] = map[string]bool{}
	}
	for line := range strings.Lines(string(out)) {
		paths := strings.Fields(line)
		if len(paths) == 0 {
			continue
		}
		row := rowOf(strings.TrimPrefix(paths[0], module))
		for _, path := range paths[1:] {
			path, own := strings.CutPrefix(path, module)
			if !own {
				continue
			}
			if imported := rowOf(path); imported != row {
				found[row][imported] = true
			}
		}
	}
	return found
}
