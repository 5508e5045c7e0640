package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCommandsOfHTTPDocs runs the commands of docs/http.md.
func TestCommandsOfHTTPDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		skipMissing(t, "curl")
	}
	w, folder := serveWeb(t), t.TempDir()
	commands := strings.NewReplacer("http://localhost:8080", w.url, "curl ", "curl --silent --show-error --fail-with-body ")
	for _, block := range commandsOf(t, "http.md", 4) {
		if out := program(t, folder, nil, "bash", "-ec", commands.Replace(block)); strings.Contains(out, "FAILED") {
			t.Errorf("%s: %s", block, out)
		}
	}
}

// TestCommandsOfAPIDocs runs the commands of docs/api.md, with the Python of ACCORD_TEST_PYTHON.
func TestCommandsOfAPIDocs(t *testing.T) {
	t.Parallel()
	python := clientTool(t, "ACCORD_TEST_PYTHON", "test-python")
	if _, err := exec.LookPath("grpcurl"); err != nil {
		skipMissing(t, "grpcurl")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	addr, folder, programs := serveInstant(t), t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(programs, "accord")); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{programs, filepath.Dir(python), os.Getenv("PATH")}, string(os.PathListSeparator))
	for _, block := range commandsOf(t, "api.md", 3) {
		program(t, folder, []string{asCommand + "=1", "PATH=" + path}, "bash", "-ec", strings.ReplaceAll(block, "localhost:50051", addr))
	}
	for _, file := range []string{"protos/accord/v1/service_config.json", "accord/v1/search_service_pb2_grpc.py"} {
		if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
			t.Error(err)
		}
	}
}

// commandsOf returns the commands of a page of docs, which are its indented blocks. It
// fails the test if there are fewer than atLeast.
func commandsOf(t *testing.T, page string, atLeast int) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	blocks := []string{""}
	for line := range strings.Lines(string(text)) {
		last := &blocks[len(blocks)-1]
		if command, is := strings.CutPrefix(line, "    "); is {
			*last += command
		} else if *last != "" {
			blocks = append(blocks, "")
		}
	}
	blocks = slices.DeleteFunc(blocks, func(block string) bool { return block == "" })
	if len(blocks) < atLeast {
		t.Errorf("only %d blocks of commands", len(blocks))
	}
	return blocks
}
