package tree_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/tree"
)

// fileOf writes a file that was changed a minute ago.
func fileOf(t *testing.T, content string) tree.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.txt")
	return rewrite(t, path, content, time.Now().Add(-time.Minute))
}

func rewrite(t *testing.T, path, content string, at time.Time) tree.File {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	f, err := tree.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// open opens a memory in a folder, and records that the server has one document of a.txt.
func open(t *testing.T, folder, reader, etag string) *tree.Memory {
	t.Helper()
	m, err := tree.OpenMemory(folder, "server", reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	m.Stored("a.txt", "documents/a", etag)
	return m
}

// remember records that a file is stored as one document.
func remember(t *testing.T, m *tree.Memory, f tree.File, etag string) {
	t.Helper()
	compared, err := m.Compare(f)
	if err != nil || compared.Unchanged {
		t.Fatalf("before it is stored: %+v, error %v", compared, err)
	}
	var d tree.Documents
	d.Add("documents/a", etag)
	if err := m.Remember(f.Name, compared.Content, d, 7); err != nil {
		t.Fatal(err)
	}
}

// TestMemory: a file is unchanged if its content, the reader and the server's documents are
// the same. Its time does not matter, and invalid lines of the journal are skipped.
func TestMemory(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		change    func(t *testing.T, folder string, f *tree.File)
		reader    string
		etag      string
		unchanged bool
	}{
		"the same":            {nil, "v1", "e1", true},
		"touched":             {func(t *testing.T, _ string, f *tree.File) { *f = rewrite(t, f.Path, "text", time.Now()) }, "v1", "e1", true},
		"other content":       {func(t *testing.T, _ string, f *tree.File) { *f = rewrite(t, f.Path, "texts", f.ModTime) }, "v1", "e1", false},
		"other time and text": {func(t *testing.T, _ string, f *tree.File) { *f = rewrite(t, f.Path, "TEXT", time.Now()) }, "v1", "e1", false},
		"another reader":      {nil, "v2", "e1", false},
		"written by others":   {nil, "v1", "e2", false},
		"a torn line": {func(t *testing.T, folder string, _ *tree.File) {
			appendTo(t, folder, `{"file":12,"lo`)
		}, "v1", "e1", true},
		"garbage": {func(t *testing.T, folder string, _ *tree.File) {
			appendTo(t, folder, "\x00\xff\n[]\n{}\n")
		}, "v1", "e1", true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			folder, f := t.TempDir(), fileOf(t, "text")
			remember(t, open(t, folder, "v1", "e0"), f, "e1") // not closed, as if the process was killed
			if test.change != nil {
				test.change(t, folder, &f)
			}
			compared, err := open(t, folder, test.reader, test.etag).Compare(f)
			if err != nil || compared.Unchanged != test.unchanged {
				t.Errorf("%+v, error %v", compared, err)
			}
			if compared.Unchanged && (compared.Documents != 1 || compared.Passages != 7) {
				t.Errorf("%d documents, %d passages", compared.Documents, compared.Passages)
			}
		})
	}
}

func appendTo(t *testing.T, folder, text string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("memories %v, error %v", paths, err)
	}
	content, err := os.ReadFile(paths[0])
	if err == nil {
		err = os.WriteFile(paths[0], append(content, text...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestMemoryReadsNothing: a file with the same size and time as before is not read again,
// unless it was read so soon after a change that the next one could have the same time.
func TestMemoryReadsNothing(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		age       time.Duration
		unchanged bool
	}{
		"settled": {time.Minute, true},
		"fresh":   {0, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			folder, path, at := t.TempDir(), filepath.Join(t.TempDir(), "a.txt"), time.Now().Add(-test.age)
			remember(t, open(t, folder, "v1", "e0"), rewrite(t, path, "text", at), "e1")
			same := rewrite(t, path, "TEXT", at) // other content with the same size and time
			compared, err := open(t, folder, "v1", "e1").Compare(same)
			if err != nil || compared.Unchanged != test.unchanged {
				t.Errorf("%+v, error %v", compared, err)
			}
		})
	}
}

// TestMemoryForgets: memories that were not used for long are removed, and a forgotten file
// no longer counts as stored.
func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	folder, f := t.TempDir(), fileOf(t, "text")
	old := filepath.Join(folder, "ingest-"+strings.Repeat("0", 16)+".jsonl")
	others := filepath.Join(folder, "ingest-2024.jsonl") // --state may name a folder that holds other files
	for _, path := range []string{old, others} {
		rewrite(t, path, "{}\n", time.Now().Add(-100*24*time.Hour))
	}
	m := open(t, folder, "v1", "e0")
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old memory is still there: %v", err)
	}
	if _, err := os.Stat(others); err != nil {
		t.Errorf("a file of the user: %v", err)
	}
	remember(t, m, f, "e1")
	if compared, err := m.Compare(f); err != nil || !compared.Unchanged || m.Count("a.txt") != 1 {
		t.Errorf("stored: %+v, error %v", compared, err)
	}
	m.Forget("a.txt")
	if compared, err := m.Compare(f); err != nil || compared.Unchanged || m.Count("a.txt") != 0 {
		t.Errorf("forgotten: %+v, error %v", compared, err)
	}
}

// TestMemoryOfPipe checks that only regular files are opened, since opening a pipe might
// never end.
func TestMemoryOfPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	m := open(t, "", "v1", "e0")
	for _, path := range []string{path, "/dev/zero"} {
		if compared, err := m.Compare(tree.File{Path: path, Name: "a.txt"}); err == nil || compared.Unchanged {
			t.Errorf("%s: %+v, error %v", path, compared, err)
		}
	}
}

// TestMemorySize checks that remembering 100,000 files takes less than 150 bytes a file.
func TestMemorySize(t *testing.T) { // not parallel: it counts what all goroutines hold
	const files = 100_000
	m, err := tree.OpenMemory("", "server", "v1")
	if err != nil {
		t.Fatal(err)
	}
	before := held()
	for i := range files {
		name := fmt.Sprintf("%03d/%06d.txt", i/1000, i)
		var d tree.Documents
		d.Add(name, "etag")
		m.Stored(name, name, "etag")
		if err := m.Remember(name, tree.Content{SizeAndTime: 1}, d, 1); err != nil {
			t.Fatal(err)
		}
	}
	if size := (held() - before) / files; size > 150 {
		t.Errorf("%d bytes a file", size)
	}
	runtime.KeepAlive(m)
}

// held returns the number of bytes that are in use.
func held() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
