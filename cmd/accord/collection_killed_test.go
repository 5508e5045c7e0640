package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/archive"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// commandChild starts a command in its own process, which a test may kill.
func commandChild(t *testing.T, args ...string) (child *exec.Cmd) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child = exec.CommandContext(t.Context(), self, args...)
	child.Env = append(os.Environ(), asCommand+"=1")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

// TestExportKilled kills an export halfway, and continues it.
func TestExportKilled(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	const documents = 3*exportPage + 1
	a := newAPI(t, addr)
	for i := range documents {
		if err := a.writeReport(t.Context(), i, documents); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"export.jsonl", "export.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file, want := filepath.Join(folder, name), filepath.Join(folder, "whole-"+name)
			frozen, through := newWire(t, "http://"+addr)
			frozen.freezeAfter(150_000) // reached while the second page is written
			through = strings.TrimPrefix(through, "http://")
			child := commandChild(t, "collection", "export", "--addr", through, file)
			eventually(t, func() bool {
				info, err := os.Stat(file + ".part")
				return err == nil && info.Size() > 1000
			})
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // killed
			if _, err := os.Stat(file); err == nil {
				t.Error("a killed export left a file that looks complete")
			}
			code, out, errOut := accord(t, "collection", "export", "--addr", addr, file)
			if code != 0 || !strings.Contains(errOut, "continuing "+file+".part after ") || !strings.HasPrefix(out, "301 documents") {
				t.Errorf("continued: exit code %d, %q, %q", code, out, errOut)
			}
			mustAccord(t, "collection", "export", "--addr", addr, want)
			if diff := cmp.Diff(documentLines(t, want), documentLines(t, file)); diff != "" {
				t.Errorf("the continued file (-whole +continued):\n%s", diff)
			}
		})
	}
}

// TestImportKilled kills an import halfway, and runs it again.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, file)
	halfWay, model := holdBack(t)
	to := serve(t, "--database-url", storetest.URL(t), "--embedding-url", model)
	child := commandChild(t, "collection", "import", "--addr", to, file)
	stored := func() int {
		list, err := newAPI(t, to).search.ListDocuments(t.Context(), &accordv1.ListDocumentsRequest{})
		if err != nil {
			return 0 // the collection does not exist yet
		}
		return len(list.GetDocuments())
	}
	eventually(t, func() bool { return stored() > 0 })
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	close(halfWay)
	out := mustAccord(t, "collection", "import", "--addr", to, file)
	if !strings.Contains(out, "already stored") || strings.Contains(out, "7 already stored") {
		t.Errorf("second run: %q", out)
	}
	sameServers(t, from, to)
}

// TestImportCutOff checks what is printed if the server goes away during an import.
func TestImportCutOff(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, file)
	halfWay, model := holdBack(t)
	defer close(halfWay)
	server, to := serveChild(t, "--database-url", storetest.URL(t), "--embedding-url", model)
	ended := make(chan int, 1)
	var errOut output
	go func() {
		ended <- run(context.Background(), []string{"collection", "import", "--addr", to, file}, streams{out: io.Discard, err: &errOut})
	}()
	eventually(t, func() bool {
		list, err := newAPI(t, to).search.ListDocuments(t.Context(), &accordv1.ListDocumentsRequest{})
		return err == nil && len(list.GetDocuments()) > 0
	})
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // killed
	if code := <-ended; code != 1 || !strings.Contains(errOut.String(), "run the command again to continue") {
		t.Errorf("exit code %d, %s", code, errOut.String())
	}
}

// documentLines returns the documents of an exported file.
func documentLines(t *testing.T, file string) (lines []string) {
	t.Helper()
	r, err := archive.Open(file, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(entry.Document))
	}
}
