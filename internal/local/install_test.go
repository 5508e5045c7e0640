package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInstallErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, python, want string }{
		{"no such program", "no-such-python", "no-such-python is not on the PATH; install Python 3.10"},
		{"no Python", "false", "must be Python 3.10 or later with its venv module"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Start(t.Context(), Config{Dir: filepath.Join(t.TempDir(), "runtime"), Python: tt.python, Postgres: true})
			if !errors.Is(err, ErrInstall) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Start = %v, want ErrInstall with %q", err, tt.want)
			}
		})
	}
}

func TestInstallWithoutIndex(t *testing.T) {
	newDir(t) // may skip the test, since making an environment takes seconds
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	t.Setenv("PIP_FIND_LINKS", t.TempDir())
	t.Setenv("PIP_NO_INDEX", "1")
	_, err := Start(t.Context(), Config{Dir: t.TempDir(), Postgres: true})
	if !errors.Is(err, ErrInstall) || !strings.Contains(err.Error(), "pip failed; check that it can reach its package index") {
		t.Errorf("Start = %v, want ErrInstall that speaks of the index", err)
	}
}
