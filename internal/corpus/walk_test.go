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
	if image := filepath.Join(root, "image.png"); len(skipped) != 1 || skipped[0].File != image || !errors.Is(skipped[0], corpus.ErrExtension) {
		t.Errorf("skipped %v, want %s", skipped, image)
	}
	var fileError *corpus.FileError
	if !errors.As(err, &fileError) || fileError.File != missing {
		t.Errorf("err = %v, want a FileError about %s", err, missing)
	}
}

// A link to a folder is followed if it is given as a path, and skipped if it is found in a
// folder.
func TestWalkLinks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder, link := filepath.Join(root, "folder"), filepath.Join(root, "link")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	files, skipped, err := corpus.Walk([]string{link})
	if diff := cmp.Diff([]corpus.Input{{Path: filepath.Join(link, "a.txt"), Name: "a.txt", Root: link}}, files); diff != "" || len(skipped) > 0 || err != nil {
		t.Errorf("of a link: skipped %v, error %v, files (-want +got):\n%s", skipped, err, diff)
	}
	_, skipped, _ = corpus.Walk([]string{root})
	if len(skipped) != 1 || !errors.Is(skipped[0], corpus.ErrLink) {
		t.Errorf("below the folder with the link: skipped %v, want the link", skipped)
	}
}

func TestReadNameNotUTF8(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "caf\xe9.txt")
	if err := os.WriteFile(path, []byte("Text."), 0o600); err != nil {
		t.Skipf("this file system takes no such name: %v", err)
	}
	if _, err := (corpus.Reader{}).Read(path, filepath.Base(path)); !errors.Is(err, corpus.ErrName) {
		t.Errorf("error %v, want %v", err, corpus.ErrName)
	}
}
