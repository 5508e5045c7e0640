package check

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// TestDashboardData: each query of the dashboard finds data in the metrics of a real server that
// gets calls. It needs the Postgres and the model server of localenv.
func TestDashboardData(t *testing.T) {
	server, file := start(t), filepath.Join(t.TempDir(), "a.txt")
	work := func(text string) {
		if err := os.WriteFile(file, []byte("Ports\n\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		server.run(t, true, "ingest", file)
		server.run(t, true, "search", "which port opened")
		server.run(t, false, "get", "none") // so that calls with an error are counted
	}
	work("The port opened when the ship came in.")
	samples := server.scrape(t, nil, 0)
	work("The port opened when the second ship came in.")
	samples = server.scrape(t, samples, step)
	for _, panel := range dashboard(t).Panels {
		for _, target := range panel.Targets {
			if len(evaluate(t, newEngine(), samples, grafanaVariables.Replace(target.Expr), time.UnixMilli(step.Milliseconds()))) == 0 {
				t.Errorf("%s: no data for %s", panel.Title, target.Expr)
			}
		}
	}
}

// running is a process of accord serve.
type running struct{ binary, addr, web string }

// start builds accord and serves a new database.
func start(t *testing.T) running {
	t.Helper()
	database := newDatabase(t)
	r := running{binary: filepath.Join(t.TempDir(), "accord")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", r.binary, "./cmd/accord")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	r.run(t, true, "migrate", "--database-url", database)
	log := &written{}
	serve := exec.CommandContext(t.Context(), r.binary, "serve", "--database-url", database, "--embedding-url", os.Getenv("ACCORD_TEST_EMBEDDING_URL"),
		"--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0")
	serve.Stderr = log
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = serve.Wait()
		log.ended.Store(true)
		close(ended)
	}()
	t.Cleanup(func() { <-ended }) // the test's context has ended by now, which stops the server
	serving := regexp.MustCompile(`msg="serving HTTP" \S+ url=(http://\S+)`)
	listening := regexp.MustCompile(`msg=listening addr=(\S+)`)
	waitUntil(t, log, func() bool { return serving.MatchString(log.String()) && listening.MatchString(log.String()) })
	r.addr, r.web = listening.FindStringSubmatch(log.String())[1], serving.FindStringSubmatch(log.String())[1]
	waitUntil(t, log, func() bool {
		answer, err := http.Get(r.web + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return r
}

// newDatabase returns the URL of a database that is dropped after the test.
func newDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("ACCORD_TEST_DATABASE_URL")
	if server == "" {
		if os.Getenv("ACCORD_TEST_ALL") != "" {
			t.Fatal("ACCORD_TEST_DATABASE_URL is not set; `make deploy-check` sets it")
		}
		t.Skip("ACCORD_TEST_DATABASE_URL is not set; `make deploy-check` sets it")
	}
	execute := func(ctx context.Context, format, name string) {
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, fmt.Sprintf(format, name)); err != nil {
			t.Error(err)
		}
	}
	name := "check_" + strings.ToLower(rand.Text())
	execute(t.Context(), "CREATE DATABASE %s", name)
	t.Cleanup(func() { execute(context.Background(), "DROP DATABASE %s WITH (FORCE)", name) })
	own, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	own.Path = "/" + name
	return own.String()
}

// written holds the output of a process, and whether the process has ended.
type written struct {
	ended atomic.Bool
	mu    sync.Mutex
	text  strings.Builder
}

// Write implements io.Writer.
func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// waitUntil waits for a condition. It waits for minutes, since the machine may be busy.
func waitUntil(t *testing.T, log *written, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) || log.ended.Load() {
			t.Fatalf("the server does not get ready:\n%s", log)
		}
	}
}

// run runs a command against the server, and checks whether it succeeds.
func (r running) run(t *testing.T, succeeds bool, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), r.binary, args...)
	command.Env = append(os.Environ(), "ACCORD_ADDR="+r.addr)
	if out, err := command.CombinedOutput(); (err == nil) != succeeds {
		t.Fatalf("accord %s: %v\n%s", args[0], err, out)
	}
}

// scrape reads the metrics of the server, and adds them as samples of a given time with the labels
// that Prometheus would add.
func (r running) scrape(t *testing.T, to memory, at time.Duration) memory {
	t.Helper()
	answer, err := http.Get(r.web + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, family)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range samples {
			name := map[string]string{"job": "accord", "instance": "a"}
			for label, value := range one.Metric {
				name[string(label)] = string(value)
			}
			to = to.add(labels.FromMap(name), sample{at.Milliseconds(), float64(one.Value)})
		}
	}
	return to
}
