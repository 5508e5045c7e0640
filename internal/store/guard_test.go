package store

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// messages receives the messages of a log.
type messages chan string

// Write implements io.Writer.
func (m messages) Write(line []byte) (int, error) {
	m <- string(line)
	return len(line), nil
}

// TestBackgroundSurvivesPanic checks that a panic in each background goroutine of a store
// is logged and does not end the process. The stores have no pool, so that statements
// panic.
func TestBackgroundSurvivesPanic(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*slog.Logger) (end func()){
		"analyser": func(log *slog.Logger) func() {
			a := newAnalyser(nil, log)
			a.countWritten("c", firstCheck)
			return a.close
		},
		"index keeper": func(log *slog.Logger) func() { return newIndexKeeper(nil, 1, log).close },
		"remover":      func(log *slog.Logger) func() { return newRemover(&Store{log: log, running: t.Context()}).close },
		"watch of the primary": func(log *slog.Logger) func() {
			set := &replicas{maxLag: defaultMaxLag}
			return watching(t, func(ctx context.Context) { set.watchPrimary(ctx, nil, log) })
		},
		"watch of a replica": func(log *slog.Logger) func() {
			pool, err := pgxpool.New(t.Context(), "postgres://localhost:1/never-used")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			r := &replica{log: log, pool: &sharedPool{Pool: pool}, broken: make(chan struct{})}
			return watching(t, func(ctx context.Context) { r.watch(ctx, &replicas{maxLag: defaultMaxLag}) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logged := make(messages, 10)
			end := start(slog.New(slog.NewTextHandler(logged, nil)))
			defer end()
			if line := <-logged; !strings.Contains(line, "panic: ") {
				t.Errorf("logged %q", line)
			}
		})
	}
}

// watching runs a watcher until end is called.
func watching(t *testing.T, watch func(context.Context)) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { watch(ctx) })
	return func() {
		stop()
		running.Wait()
	}
}
