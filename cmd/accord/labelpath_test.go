package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestLabelPath: the path of a passage is printed by a dry run, a search and an export, and a
// copy of the collection has it, too.
func TestLabelPath(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := "# Harbour Code\n\n## Chapter I\n\n### Article 1\n\nBoats are let by the day.\n\n## Chapter II\n\n### Article 2\n\nGates are shut by night.\n"
	if err := os.WriteFile(filepath.Join(folder, "code.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	newServer := func() string {
		return serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, newModel()).URL)
	}
	from, to, file := newServer(), newServer(), filepath.Join(t.TempDir(), "copy.jsonl")
	contains := func(want string, args ...string) {
		t.Helper()
		if out := mustAccord(t, args...); !strings.Contains(out, want) {
			t.Errorf("accord %s printed %q, want %q in it", strings.Join(args, " "), out, want)
		}
	}
	contains(`"label_path":["Chapter II","Article 2"]`, "ingest", "--dry-run", "-o", "json", folder)
	mustAccord(t, "ingest", "--addr", from, folder)
	mustAccord(t, "collection", "export", "--addr", from, "--passages", file)
	mustAccord(t, "collection", "import", "--addr", to, file)
	exported, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(exported), `"label_path":["Chapter II","Article 2"]`) {
		t.Errorf("exported %s, error %v", exported, err)
	}
	for _, addr := range []string{from, to} {
		contains("Chapter II, Article 2  collections/default/documents/code-md/passages/", "search", "--addr", addr, "chapter 2 article 2")
		contains(`"labelPath"`, "search", "--addr", addr, "-o", "json", "gates")
	}
	contains(`"outcome":"UNCHANGED"`, "ingest", "-o", "json", "--addr", to, folder)
}
