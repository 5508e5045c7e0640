package local

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestLock checks that only one runtime at a time uses a folder, and that the error names
// the process that does.
func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lock(dir)
	if !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), "pid "+strconv.Itoa(os.Getpid())) {
		t.Errorf("second: %v", err)
	}
	first.Close()
	again, err := lock(dir)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	again.Close()
	if _, err := lock(filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing folder was locked")
	}
}

// TestSaveAndLoad checks that a saved value is read again, that a missing file changes
// nothing, and that an invalid one is an error that names it.
func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	value := map[string]int{"port": 1}
	if err := load(path, &value); err != nil || value["port"] != 1 {
		t.Errorf("missing file: %v, %v", value, err)
	}
	for _, port := range []int{2, 3} {
		if err := save(path, map[string]int{"port": port}); err != nil {
			t.Fatal(err)
		}
		if err := load(path, &value); err != nil || value["port"] != port {
			t.Errorf("loaded %v, %v; want %d", value, err, port)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := load(path, &value); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("invalid file: %v", err)
	}
	if err := save(path, func() {}); err == nil {
		t.Error("a function was saved")
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("files left: %v, %v", names, err)
	}
}
