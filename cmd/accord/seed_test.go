package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// flaky is a server whose handler can be replaced.
type flaky struct{ handler atomic.Pointer[http.Handler] }

func (f *flaky) become(handler http.Handler) { f.handler.Store(&handler) }

// ServeHTTP implements http.Handler.
func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*f.handler.Load()).ServeHTTP(w, r)
}

// TestSeedsThroughFaults: seeds that fail because of the model server are retried,
// whatever the fault.
func TestSeedsThroughFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]http.Handler{
		"loading": embedtest.Answer(http.StatusServiceUnavailable, "loading"),
		"broken":  embedtest.Reset(),
		"hanging": embedtest.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var model flaky
			model.become(fault)
			server := embedtest.Serve(t, &model)
			t.Cleanup(server.CloseClientConnections)
			addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", "openai+"+server.URL, "--seed", seeds,
				"--write-timeout", "3s", "--embedding-query-timeout", "1s", "--embedding-passage-timeout", "1s")
			eventually(t, func() bool { return strings.Contains(log.String(), "seeds failed, will retry") })
			model.become(newModel())
			server.CloseClientConnections() // connections break, as when a server restarts
			eventually(t, func() bool { return strings.Contains(log.String(), "all seeds are ingested now") })
			code, _, report := accord(t, "ingest", "--addr", addr, seeds)
			if code != 0 || !strings.Contains(report, "7 unchanged, 0 failed") {
				t.Errorf("after the seeds are ingested: exit code %d\n%s", code, report)
			}
		})
	}
}

// attempts is an ingest function that fails at first.
type attempts struct {
	failing   int
	retriable bool
	made      int
}

func (a *attempts) ingest(context.Context) (bool, error) {
	a.made++
	if a.made > a.failing {
		return false, nil
	}
	return a.retriable, errReported
}

// TestSeeder: if the seeds cannot be ingested, the greeting follows the error in the log. The
// seeder continues to try after the greeting, until all seeds are stored or a retry cannot help.
func TestSeeder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		attempts attempts
		made     int
		greeted  int // number of tries before the greeting
		loud     bool
	}{
		{"at once", attempts{}, 1, 1, false},
		{"a while", attempts{failing: 2, retriable: true}, 3, 3, false},
		{"long", attempts{failing: 2 * seedTries, retriable: true}, 2*seedTries + 1, seedTries, true},
		{"for good", attempts{failing: 9, retriable: false}, 1, 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log output
			greeted := 0
			a := test.attempts
			s := seeder{ingest: a.ingest, pause: time.Microsecond, log: slog.New(slog.NewTextHandler(&log, nil))}
			s.run(t.Context(), func() {
				if greeted != 0 {
					t.Error("greeted twice")
				}
				greeted = a.made
				if got := strings.Contains(log.String(), "level=ERROR"); got != test.loud {
					t.Errorf("error logged before the greeting: %v, want %v\n%s", got, test.loud, log.String())
				}
			})
			if a.made != test.made || greeted != test.greeted {
				t.Errorf("%d tries, greeted after %d; want %d and %d", a.made, greeted, test.made, test.greeted)
			}
		})
	}
}

func TestSeederEnds(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	s := seeder{pause: time.Hour, log: slog.New(slog.DiscardHandler), ingest: func(context.Context) (bool, error) {
		time.AfterFunc(20*time.Millisecond, stop) // stops during the pause before the next try
		return true, errReported
	}}
	s.run(ctx, func() { t.Error("greeted after one try") })
}

func TestMayPass(t *testing.T) {
	t.Parallel()
	busy, err := status.New(codes.ResourceExhausted, "busy").WithDetails(&errdetails.RetryInfo{})
	if err != nil {
		t.Fatal(err)
	}
	for err, want := range map[error]bool{
		fmt.Errorf("list: %w", busy.Err()): true, status.Error(codes.ResourceExhausted, "too large"): false,
		status.Error(codes.Unavailable, "down"): true, status.Error(codes.DeadlineExceeded, "slow"): true,
		status.Error(codes.InvalidArgument, "no"): false, errors.New("no such file"): false,
	} {
		if got := mayPass(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}
