package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/store/storetest"
)

// clientPrograms has, for each section of docs/clients.md, the function that runs its
// snippets. To add a language, write a section and add its function. The function gets the
// fenced blocks of the section and returns what the program prints. It starts a server with
// serveReal, which also replaces localhost:50051 in the blocks. It skips the test if the
// make target of its language does not run.
var clientPrograms = map[string]func(t *testing.T, s clientSection) (output string){
	"Python":     runPythonSection,
	"LangChain":  runPythonSection,
	"LlamaIndex": runPythonSection,
	"Haystack":   runPythonSection,
	"TypeScript": runTypeScriptSection,
	"Web pages":  runBrowserSection,
	"Go":         runGoSection,
	"Java":       runJavaSection,
}

// clientSection is a section of docs/clients.md: its fenced blocks, joined by their language.
// Blocks of the language text are what the program prints.
type clientSection struct {
	heading string
	blocks  map[string]string
}

// TestClientDocs runs the snippets of docs/clients.md, word for word, and compares what they
// print with what the page says.
func TestClientDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := clientSections(string(page))
	if len(sections) < len(clientPrograms) {
		t.Errorf("%d sections have snippets, of %d", len(sections), len(clientPrograms))
	}
	for _, section := range sections {
		t.Run(section.heading, func(t *testing.T) {
			t.Parallel()
			program := clientPrograms[section.heading]
			if program == nil {
				t.Fatal("nothing runs the snippets of this section")
			}
			if diff := cmp.Diff(section.blocks["text"], program(t, section)); diff != "" {
				t.Errorf("(-page +program)\n%s", diff)
			}
		})
	}
}

// clientSections returns the sections that have fenced blocks.
func clientSections(page string) []clientSection {
	sections := []clientSection{{"the top of the page", map[string]string{}}}
	language, fenced := "", false
	for line := range strings.Lines(page) {
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch heading, found := strings.CutPrefix(line, "## "); {
		case fence && !fenced:
			language, fenced = info, true
		case fence:
			fenced = false
		case fenced:
			sections[len(sections)-1].blocks[language] += line
		case found:
			sections = append(sections, clientSection{strings.TrimSpace(heading), map[string]string{}})
		}
	}
	return slices.DeleteFunc(sections, func(s clientSection) bool { return len(s.blocks) == 0 })
}

// serveReal starts a server with the tests' model server, and puts its address into the blocks.
func (s clientSection) serveReal(t *testing.T) {
	t.Helper()
	model := realModel(t)
	addr := serve(t, "--database-url", storetest.URL(t), "--embedding-url", model)
	for language, text := range s.blocks {
		s.blocks[language] = strings.ReplaceAll(text, "localhost:50051", addr)
	}
}

// pythonTools returns the folder that `make test-python` prepares: an environment with the
// dependencies of the client, and their wheels.
func pythonTools(t *testing.T) string {
	t.Helper()
	return clientTool(t, "ACCORD_TEST_PYTHON_CLIENT", "test-python")
}

// runPythonSection runs the commands of a section in a fresh environment, and then its program
// twice, since readers run programs again. pip installs from the wheels that `make test-python`
// has downloaded.
func runPythonSection(t *testing.T, s clientSection) string {
	t.Helper()
	tools, folder := pythonTools(t), t.TempDir()
	s.serveReal(t)
	run := func(name string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(limited(t), name, args...)
		command.Dir = filepath.Join("..", "..")
		command.Env = append(os.Environ(),
			"PATH="+filepath.Join(folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "HAYSTACK_TELEMETRY_ENABLED=false",
			"PIP_NO_INDEX=1", "PIP_FIND_LINKS="+filepath.Join(tools, "wheels"), "PIP_NO_COMPILE=1", "PIP_DISABLE_PIP_VERSION_CHECK=1")
		var failed strings.Builder
		command.Stderr = &failed
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s%s", name, args, err, out, failed.String())
		}
		return string(out)
	}
	run(filepath.Join(tools, "bin", "python"), "-m", "venv", folder)
	run("bash", "-ec", s.blocks["sh"])
	python, program := filepath.Join(folder, "bin", "python"), writeFile(t, t.TempDir(), "program.py", s.blocks["python"])
	first := run(python, program)
	if diff := cmp.Diff(first, run(python, program)); diff != "" {
		t.Errorf("(-first run +second run)\n%s", diff)
	}
	return first
}
