package local

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// standIn is a script that replaces Python. It writes its environment to a file and logs
// that it listens.
const standIn = `#!/bin/sh
env > "$0.env"
echo "listening on 127.0.0.1:$6"
exec sleep 3600
`

// TestModelServerSleeps checks that the threads of the model server soon sleep while they
// wait, unless the user has set otherwise.
func TestModelServerSleeps(t *testing.T) {
	for _, test := range []struct {
		name      string
		set, want []string
	}{
		{"by default", nil, []string{"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=2000"}},
		{"the user's policy", []string{"OMP_WAIT_POLICY=active"}, []string{"OMP_WAIT_POLICY=active"}},
		{"the user's spinning", []string{"GOMP_SPINCOUNT=1000"}, []string{"GOMP_SPINCOUNT=1000"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} {
				t.Setenv(name, "") // restores the variable after the test
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
			}
			for _, variable := range test.set {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			if diff := cmp.Diff(test.want, waiting(startStandIn(t))); diff != "" {
				t.Errorf("how its threads wait (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChildrenGetNoSecrets checks that a child process inherits the environment, except for
// what is meant for accord.
func TestChildrenGetNoSecrets(t *testing.T) {
	for _, name := range []string{"ACCORD_API_KEY", "PGPASSWORD", "OTEL_EXPORTER_OTLP_HEADERS"} {
		t.Setenv(name, "s3cret")
	}
	t.Setenv("HTTPS_PROXY", "http://proxy.example.com")
	environ := strings.Join(startStandIn(t), "\n")
	if strings.Contains(environ, "s3cret") || !strings.Contains(environ, "HTTPS_PROXY=") {
		t.Errorf("the model server has the environment\n%s", environ)
	}
}

// startStandIn starts the stand-in as a model server, and returns its environment.
func startStandIn(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	m := &modelServer{
		python: filepath.Join(dir, "python"), file: filepath.Join(dir, modelName), logFile: filepath.Join(dir, "model.log"),
		state: modelState{Port: 1},
	}
	if err := os.WriteFile(m.python, []byte(standIn), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := m.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.child.kill)
	environ, err := os.ReadFile(m.python + ".env")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(environ)), "\n")
}

// waiting returns those variables of an environment that set how threads wait.
func waiting(environ []string) []string {
	return slices.DeleteFunc(environ, func(variable string) bool {
		return !strings.HasPrefix(variable, "OMP_WAIT") && !strings.HasPrefix(variable, "GOMP_")
	})
}
