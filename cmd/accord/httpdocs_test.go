package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestCommandsOfHTTPDocs runs the commands of docs/http.md.
func TestCommandsOfHTTPDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		skipMissing(t, "curl")
	}
	page, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	w, folder, ran := serveWeb(t), t.TempDir(), 0
	for line := range strings.Lines(string(page)) {
		command, is := strings.CutPrefix(line, "    ")
		if !is {
			continue
		}
		command = strings.ReplaceAll(command, "http://localhost:8080", w.url)
		command = strings.ReplaceAll(command, "curl ", "curl --silent --show-error --fail-with-body ")
		run := exec.CommandContext(limited(t), "bash", "-c", command)
		run.Dir = folder
		if out, err := run.CombinedOutput(); err != nil || strings.Contains(string(out), "FAILED") {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		ran++
	}
	if ran < 7 {
		t.Errorf("only %d commands", ran)
	}
}
