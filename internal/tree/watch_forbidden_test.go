package tree_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/accord-search/accord/internal/tree"
)

// TestWatchForbiddenFolder: a folder that may not be read neither prevents watching nor ends
// it, and is watched once it may be read.
func TestWatchForbiddenFolder(t *testing.T) {
	t.Parallel()
	root, other := plant(t, "a.txt", "closed/b.txt"), plant(t, "new/c.txt")
	unprivileged(t, root, other)
	mode := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { // so that the folders can be removed
		_ = os.Chmod(filepath.Join(root, "closed"), 0o700)
		_ = os.Chmod(filepath.Join(root, "new"), 0o700)
	})
	mode(filepath.Join(root, "closed"), 0)
	if _, err := os.ReadDir(filepath.Join(root, "closed")); err == nil {
		t.Skip("this system lets the test read every folder")
	}
	w, err := tree.Watch([]string{root}, tree.Globs{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	mode(filepath.Join(other, "new"), 0o300) // may be moved, but not read
	if err := os.Rename(filepath.Join(other, "new"), filepath.Join(root, "new")); err != nil {
		t.Fatal(err)
	}
	if changes, err := w.Next(t.Context()); err != nil || !changes.All {
		t.Fatalf("changes %+v, error %v; want all, so that a walk reports the folder", changes, err)
	}
	mode(filepath.Join(root, "closed"), 0o700)
	mode(filepath.Join(root, "new"), 0o700)
	waits(t, w, false, "closed/b.txt", "new/c.txt")
}

// TestAbsent checks that Absent is true for a folder and for a path below a file, and false
// for a path that the system does not show.
func TestAbsent(t *testing.T) {
	t.Parallel()
	root := plant(t, "a.txt", "sub/b.txt", "closed/c.txt")
	unprivileged(t, root)
	closed := filepath.Join(root, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
	for name, want := range map[string]bool{"a.txt": false, "sub": true, "none.txt": true, "sub/none.txt": true, "a.txt/b.txt": true, "closed/c.txt": false, "closed/none.txt": false} {
		if _, err := os.ReadDir(closed); name == "closed/none.txt" && err == nil {
			continue // this system lets the test read every folder
		}
		if got := tree.Absent(filepath.Join(root, filepath.FromSlash(name))); got != want {
			t.Errorf("%s: absent %t, want %t", name, got, want)
		}
	}
}
