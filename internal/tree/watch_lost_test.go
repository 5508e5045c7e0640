package tree

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestWatchLostEvents: if the system has lost events, folders that appeared meanwhile are
// watched too.
func TestWatchLostEvents(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	w, err := Watch([]string{root}, Globs{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	if err := w.notify.Remove(root); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "new"), 0o700); err != nil {
		t.Fatal(err)
	}
	go func() { w.notify.Errors <- fsnotify.ErrEventOverflow }()
	if changes, err := w.Next(t.Context()); err != nil || !changes.All {
		t.Fatalf("changes %+v, error %v", changes, err)
	}
	if err := os.WriteFile(filepath.Join(root, "new", "a.txt"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	changes, err := w.Next(t.Context())
	if err != nil || len(changes.Files) != 1 || changes.Files[0].Name != "new/a.txt" {
		t.Errorf("changes %+v, error %v", changes, err)
	}
}

// TestChangedAndGone: a file that changed and then went away with its folder is not read.
func TestChangedAndGone(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.txt"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := map[string]File{}
	for _, name := range []string{"gone/b.txt", "a.txt"} {
		path := filepath.Join(root, name)
		changed[path] = File{Path: path, Name: name, Root: root}
	}
	files := asTheyAre(changed)
	if len(files) != 1 || files[0].Name != "a.txt" || files[0].Size != 4 || time.Since(files[0].ModTime) > time.Hour {
		t.Errorf("files %+v", files)
	}
}
