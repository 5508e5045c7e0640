package corpus_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus"
)

func TestWalk(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"b.txt", "a/z.md", "a/y.HTML", "a/.hidden.txt", ".git/x.txt", "image.png", "c.jsonl", "page.htm"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	missing := filepath.Join(root, "missing")
	files, skipped, err := corpus.Walk([]string{root, missing, filepath.Join(root, "image.png"), filepath.Join(root, "b.txt")})
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"a/y.HTML", "a/z.md", "b.txt", "c.jsonl", "page.htm", "image.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{filepath.Join(root, "image.png")}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	var fileError *corpus.FileError
	if !errors.As(err, &fileError) || fileError.File != missing {
		t.Errorf("err = %v, want a FileError about %s", err, missing)
	}
}
