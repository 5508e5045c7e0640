package tree_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/tree"
)

// walk returns what a walk yields.
func walk(globs tree.Globs, paths ...string) (files []tree.File, faults []error) {
	for f, err := range tree.Walk(paths, globs) {
		if err != nil {
			faults = append(faults, err)
			continue
		}
		files = append(files, f)
	}
	return files, faults
}

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
	files, faults := walk(tree.Globs{}, root, missing, filepath.Join(root, "image.png"), filepath.Join(root, "b.txt"))
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"a/y.HTML", "a/z.md", "b.txt", "c.jsonl", "page.htm", "image.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if len(faults) != 2 {
		t.Fatalf("faults %v, want two", faults)
	}
	var skipped, fileError *corpus.FileError
	if image := filepath.Join(root, "image.png"); !errors.As(faults[0], &skipped) || skipped.File != image || !errors.Is(skipped, tree.ErrExtension) || !tree.Skips(skipped) {
		t.Errorf("skipped %v, want %s", faults[0], image)
	}
	if !errors.As(faults[1], &fileError) || fileError.File != missing || tree.Skips(fileError) {
		t.Errorf("fault %v, want a FileError about %s", faults[1], missing)
	}
}

// TestWalkLinks checks that a link to a folder is followed if it is given as a path, and
// skipped if it is found in a folder.
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
	files, faults := walk(tree.Globs{}, link)
	if len(files) != 1 || files[0].Path != filepath.Join(link, "a.txt") || files[0].Name != "a.txt" || files[0].Root != link || files[0].Size != 1 || len(faults) > 0 {
		t.Errorf("of a link: faults %v, files %v", faults, files)
	}
	_, faults = walk(tree.Globs{}, root)
	if len(faults) != 1 || !errors.Is(faults[0], tree.ErrLink) {
		t.Errorf("below the folder with the link: faults %v, want the link", faults)
	}
}
