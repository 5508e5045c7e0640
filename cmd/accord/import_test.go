package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/store/storetest"
)

// TestImportGivesUp: an import of many files ends soon if the server can store nothing, and
// reports that once.
func TestImportGivesUp(t *testing.T) {
	t.Parallel()
	addr := serve(t, "--database-url", storetest.URL(t), "--embedding-url", "http://"+freeAddr(t), "--embedding-passage-timeout", "200ms")
	folder := t.TempDir()
	const files = 300
	for n := range files {
		writeFile(t, folder, fmt.Sprintf("%d.txt", n), fmt.Sprintf("Port %d opened on Monday. Ships have arrived since.\n", n))
	}
	code, out, errOut := accord(t, "ingest", "--addr", addr, folder)
	said := out + errOut
	if lines := strings.Count(said, "\n"); code != 1 || lines > maxUnavailable+2*sendAhead+20 {
		t.Errorf("exit code %d, %d lines for %d files", code, lines, files)
	}
	if !strings.Contains(said, "could not store 32 documents in a row") || !strings.Contains(said, "more files: not read either") ||
		!strings.Contains(said, fmt.Sprintf("%d failed", files)) {
		t.Errorf("the output does not say what happened:\n%.1000s\n…\n%s", said, said[max(0, len(said)-1000):])
	}
}
