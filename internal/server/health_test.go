package server

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	serving    = healthgrpc.HealthCheckResponse_SERVING
	notServing = healthgrpc.HealthCheckResponse_NOT_SERVING
)

// healthWatch is a stream of the status of a service.
type healthWatch struct {
	stream healthgrpc.Health_WatchClient
	cancel context.CancelFunc
}

func (r *running) watch(t *testing.T, service string) healthWatch {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	stream, err := healthgrpc.NewHealthClient(r.conn).Watch(ctx, &healthgrpc.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	return healthWatch{stream: stream, cancel: cancel}
}

// want waits until the server reports a status.
func (w healthWatch) want(t *testing.T, want healthgrpc.HealthCheckResponse_ServingStatus) {
	t.Helper()
	for {
		resp, err := w.stream.Recv()
		if err != nil {
			t.Fatalf("waiting for %v: %v", want, err)
		}
		if resp.GetStatus() == want {
			return
		}
	}
}

// part is a dependency of services that tests break and repair.
type part struct{ broken atomic.Bool }

func (p *part) check(context.Context) error {
	if p.broken.Load() {
		return errors.New("broken")
	}
	return nil
}

func TestHealthFollowsChecks(t *testing.T) {
	t.Parallel()
	var database, model part
	database.broken.Store(true)
	r := start(t, Config{Health: []HealthCheck{
		{Name: "database", Check: database.check, Services: []string{"both", "one"}},
		{Name: "model", Check: model.check, Services: []string{"both"}},
	}}, nil)
	both, one := r.watch(t, "both"), r.watch(t, "one")
	both.want(t, notServing)
	one.want(t, notServing)

	database.broken.Store(false)
	both.want(t, serving)
	one.want(t, serving)

	model.broken.Store(true)
	both.want(t, notServing)
	check, err := healthgrpc.NewHealthClient(r.conn).Check(t.Context(), &healthgrpc.HealthCheckRequest{Service: "one"})
	if err != nil || check.GetStatus() != serving {
		t.Errorf("what does not need the model: %v, error %v", check.GetStatus(), err)
	}
	model.broken.Store(false)
	both.want(t, serving)
	one.cancel()
	both.cancel()
}

// TestHealthOfHangingCheck checks that a check that never returns counts as failed.
func TestHealthOfHangingCheck(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	r := start(t, Config{Health: []HealthCheck{{Name: "database", Services: []string{""}, Check: func(ctx context.Context) error {
		if hangs.Load() {
			<-ctx.Done()
		}
		return ctx.Err()
	}}}}, nil)
	all := r.watch(t, "")
	all.want(t, serving)
	hangs.Store(true)
	all.want(t, notServing)
	hangs.Store(false)
	all.want(t, serving)
	all.cancel()
}

// TestLateCheck checks that a check that was not answered in time counts as failed in the
// second round in a row, and any other failure at once.
func TestLateCheck(t *testing.T) {
	t.Parallel()
	answers := map[string]func(context.Context) error{
		"ok":      func(context.Context) error { return nil },
		"refused": func(context.Context) error { return errors.New("refused") },
		"late":    func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	}
	type round struct {
		answer string
		want   healthgrpc.HealthCheckResponse_ServingStatus
	}
	for name, rounds := range map[string][]round{
		"once":           {{"ok", serving}, {"late", serving}, {"ok", serving}, {"late", serving}},
		"twice":          {{"ok", serving}, {"late", serving}, {"late", notServing}, {"late", notServing}, {"ok", serving}},
		"then a failure": {{"ok", serving}, {"late", serving}, {"refused", notServing}, {"late", notServing}},
		"at the start":   {{"late", notServing}, {"ok", serving}, {"refused", notServing}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var check func(context.Context) error
				s := &Server{health: health.NewServer(), cfg: Config{
					HealthTimeout: time.Second, Logger: slog.New(slog.DiscardHandler),
					Health: []HealthCheck{{Name: "database", Services: []string{"test"}, Check: func(ctx context.Context) error { return check(ctx) }}},
				}}
				found := findings{}
				for i, r := range rounds {
					check = answers[r.answer]
					found = s.runChecks(t.Context(), found)
					s.announce(found)
					got, err := s.health.Check(t.Context(), &healthgrpc.HealthCheckRequest{Service: "test"})
					if err != nil || got.GetStatus() != r.want {
						t.Errorf("round %d, %s: %v, want %v, error %v", i, r.answer, got.GetStatus(), r.want, err)
					}
				}
			})
		})
	}
}
