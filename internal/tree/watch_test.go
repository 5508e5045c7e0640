package tree_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/tree"
)

// waits collects changes until it has seen the wanted files, and a removal if gone is set.
func waits(t *testing.T, w *tree.Watcher, gone bool, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := map[string]bool{}
	for {
		missing := gone
		for _, name := range want {
			missing = missing || !seen[name]
		}
		if !missing {
			break
		}
		changes, err := w.Next(ctx)
		if err != nil {
			t.Fatalf("seen %v, want %v, gone %t: %v", seen, want, gone, err)
		}
		gone = gone && !changes.Gone
		for _, f := range changes.Files {
			if seen[f.Name] = true; f.Size == 0 && !strings.Contains(f.Name, "empty") {
				t.Errorf("%s has no size", f.Name)
			}
		}
	}
	for name := range seen {
		if strings.Contains(name, "hidden") || strings.Contains(name, "draft") || strings.HasSuffix(name, ".png") {
			t.Errorf("%s is not to be read", name)
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	root := plant(t, "a.txt", "sub/b.txt", "drafts/c.txt", ".hidden/d.txt")
	globs, err := tree.ParseGlobs(nil, []string{"drafts/"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := tree.Watch([]string{root}, globs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	write := func(name string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("more"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"drafts/c.txt", ".hidden/d.txt", "picture.png", "a.txt", "sub/b.txt"} {
		write(name)
	}
	waits(t, w, false, "a.txt", "sub/b.txt")
	write("new/deep/e.txt") // in folders that are not watched yet
	waits(t, w, false, "new/deep/e.txt")
	write("new/deep/e.txt")
	waits(t, w, false, "new/deep/e.txt")
	if err := os.Rename(filepath.Join(root, "new"), filepath.Join(root, "other")); err != nil {
		t.Fatal(err)
	}
	waits(t, w, true, "other/deep/e.txt")
	if err := os.RemoveAll(filepath.Join(root, "sub")); err != nil {
		t.Fatal(err)
	}
	waits(t, w, true)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: error %v", err)
	}
}

// TestWatchFile: if a file is watched, other files of its folder are not reported.
func TestWatchFile(t *testing.T) {
	t.Parallel()
	root := plant(t, "a.log", "b.txt")
	w, err := tree.Watch([]string{filepath.Join(root, "a.log")}, tree.Globs{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	for _, name := range []string{"b.txt", "a.log"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("more"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := w.Next(t.Context())
	if err != nil || len(changes.Files) != 1 || changes.Files[0].Name != "a.log" {
		t.Errorf("changes %+v, error %v", changes, err)
	}
}
