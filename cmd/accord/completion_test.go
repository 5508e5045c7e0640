package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCandidates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ words, want string }{
		{"sp", "space"},
		{"space ", "list get create activate delete"},
		{"space list --o", "--output"},
		{"search --mode ", "hybrid semantic lexical"},
		{"search --mode s", "semantic"},
		{"search --mode hybrid --pag", "--page-token"},
		{"search -o ", "text json"},
		{"search question ", ""},
		{"ingest ", ""}, // files
		{"ingest s", "status"},
		{"ingest --no", "--no-wait"},
		{"ingest --collection x --dry", "--dry-run"},
		{"completion ", "bash zsh fish"},
		{"__", ""},
	} {
		out := mustAccord(t, append([]string{"__complete", "--"}, strings.Split(test.words, " ")...)...)
		if got := strings.Join(strings.Fields(out), " "); got != test.want {
			t.Errorf("after %q: %q, want %q", test.words, got, test.want)
		}
	}
}

// TestCompletionInBash runs the script in bash, with the test binary as the command.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "accord")); err != nil {
		t.Fatal(err)
	}
	script := mustAccord(t, "completion", "bash") + `
COMP_WORDS=(accord search --mode '') COMP_CWORD=3 && _accord && echo "${COMPREPLY[@]}"`
	command := exec.CommandContext(t.Context(), bash, "-c", script)
	command.Env = append(os.Environ(), asCommand+"=1", "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	if string(out) != "hybrid semantic lexical\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := mustAccord(t, "version"); !strings.HasPrefix(out, "accord ") || !strings.Contains(out, "go1.") {
		t.Errorf("%q", out)
	}
}
