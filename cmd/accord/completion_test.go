package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		{"ingest ", ""}, // the argument is a file
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

// TestCompletionInShells runs the scripts in the shells that are installed, with the test
// binary as the command.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "accord")); err != nil {
		t.Fatal(err)
	}
	for shell, complete := range map[string]struct{ before, after string }{
		"bash": {"", `COMP_WORDS=(accord search --mode '') COMP_CWORD=3; _accord; echo ${COMPREPLY[@]}`},
		"zsh":  {"compdef() { }; compadd() { echo ${(P)2} }\n", `words=(accord search --mode ''); CURRENT=4; _accord`}, // replaces zsh's line editor
		"fish": {"", `complete -C "accord search --mode " | string join " "`},
	} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				skipMissing(t, shell)
			}
			command := exec.CommandContext(t.Context(), path, "-c", complete.before+mustAccord(t, "completion", shell)+complete.after)
			command.Env = append(os.Environ(), asCommand+"=1", "HOME="+folder, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := command.CombinedOutput()
			if words := strings.Fields(string(out)); !cmp.Equal(slices.Sorted(slices.Values(words)), []string{"hybrid", "lexical", "semantic"}) || err != nil {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := mustAccord(t, "version"); !strings.HasPrefix(out, "accord ") || !strings.Contains(out, "go1.") {
		t.Errorf("%q", out)
	}
}
