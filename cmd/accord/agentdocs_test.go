package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// block matches a fenced block of Python or JSON in a page, and captures its language and
// content.
var block = regexp.MustCompile("(?s)```(python|json)\n(.*?)```")

// blocksOf returns the blocks of code of one language in a page of docs.
func blocksOf(t *testing.T, page, language string) (blocks []string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range block.FindAllStringSubmatch(string(content), -1) {
		if match[1] == language {
			blocks = append(blocks, match[2])
		}
	}
	return blocks
}

// TestConfigurationsOfAgentDocs: an MCP client with any of the configurations in
// docs/agents.md can search.
func TestConfigurationsOfAgentDocs(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.putAgentTexts(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Command, URL string
		Args         []string
	}
	configurations := blocksOf(t, "agents.md", "json")
	for _, text := range configurations {
		var all map[string]map[string]entry
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, servers := range all {
			e := servers["accord"]
			var transport sdk.Transport = &sdk.StreamableClientTransport{Endpoint: strings.ReplaceAll(e.URL, "http://localhost:8080", w.url)}
			if e.Command != "" {
				for i := range e.Args {
					e.Args[i] = strings.ReplaceAll(e.Args[i], "localhost:50051", w.addr)
				}
				command := exec.CommandContext(t.Context(), self, e.Args...)
				command.Env = append(os.Environ(), asCommand+"=1")
				transport = &sdk.CommandTransport{Command: command}
			}
			var out struct{ Passages []foundPassage }
			if agentWith(t, transport).call(t, "search", map[string]any{"query": "port of Chancay"}, &out); len(out.Passages) == 0 {
				t.Errorf("%s: nothing found", text)
			}
		}
	}
	if len(configurations) != 3 {
		t.Errorf("%d configurations", len(configurations))
	}
}

// TestPythonOfAgentDocs runs the code of docs/agents.md and docs/openai.md with the packages mcp
// and openai. ACCORD_TEST_AGENTS is the path of a Python that has them; `make test-agents` sets it.
func TestPythonOfAgentDocs(t *testing.T) {
	t.Parallel()
	python := clientTool(t, "ACCORD_TEST_AGENTS", "test-agents")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := serveWeb(t)
	w.putAgentTexts(t)
	folder := t.TempDir()
	program := "#!/bin/sh\n" + asCommand + "=1 exec " + self + ` "$@"` + "\n"
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "bin", "accord"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	w.ready(t)
	ran := 0
	for _, page := range []string{"agents.md", "openai.md"} {
		for _, code := range blocksOf(t, page, "python") {
			code = strings.NewReplacer("http://localhost:8080", w.url, "localhost:50051", w.addr).Replace(code)
			run := exec.CommandContext(limited(t), python, "-")
			run.Dir, run.Stdin = folder, strings.NewReader(code)
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s\n%s", page, err, code, out)
			}
			ran++
		}
	}
	if ran != 4 {
		t.Errorf("%d programs ran", ran)
	}
}
