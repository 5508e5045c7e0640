package server

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/accord-search/accord/internal/guard"
)

// HealthCheck checks one dependency of services, such as the database.
type HealthCheck struct {
	// Name is the name of the dependency in the log.
	Name string
	// Check returns nil if the dependency can be used, and otherwise the reason why not.
	Check func(context.Context) error
	// Services are the full names of the gRPC services that need the dependency.
	Services []string
	// Quiet means that failures are not logged here, because Check logs them itself.
	Quiet bool
}

const (
	healthPause = time.Second // pause between two rounds of checks
	// defaultHealthTimeout bounds one round.
	defaultHealthTimeout = 2 * time.Second
)

// findings are what the last round of checks found, by the name of the check.
type findings map[string]outcome

// outcome is what a check found.
type outcome struct {
	failed bool
	// late means that a check that succeeded before was not answered in time. On a busy
	// machine this happens to parts that work, so it counts as a failure only if the next
	// round is late too.
	late bool
}

// watch updates the health of the services until ctx ends. A service is serving while all
// checks that it needs succeed.
func (s *Server) watch(ctx context.Context) {
	found := findings{}
	for {
		current := s.runChecks(ctx, found)
		if ctx.Err() != nil {
			return
		}
		found = current
		s.announce(found)
		select {
		case <-ctx.Done():
			return
		case <-time.After(healthPause):
		}
	}
}

// runChecks runs all checks at the same time and returns what they found. It logs what has
// changed since the last round. A check that panics has failed.
func (s *Server) runChecks(ctx context.Context, before findings) findings {
	limited, cancel := context.WithTimeout(ctx, s.cfg.HealthTimeout)
	defer cancel()
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
	)
	found := maps.Clone(before)
	for _, check := range s.cfg.Health {
		wait.Go(func() {
			err := guard.Call(func() error { return check.Check(limited) })
			if ctx.Err() != nil {
				return // the server is stopping, so this is not a failure of the check
			}
			late := err != nil && limited.Err() != nil
			if late {
				err = fmt.Errorf("no answer within %v: %w", s.cfg.HealthTimeout, err)
			}
			mu.Lock()
			defer mu.Unlock()
			last, seen := before[check.Name]
			found[check.Name] = outcome{failed: err != nil}
			switch {
			case late && seen && !last.failed && !last.late:
				found[check.Name] = outcome{late: true}
				s.cfg.Logger.DebugContext(ctx, "late; not usable if it is late again", "what", check.Name, "error", err)
			case check.Quiet:
			case err != nil && !last.failed:
				s.cfg.Logger.WarnContext(ctx, "not usable", "what", check.Name, "error", err)
			case err == nil && (last.failed || !seen):
				s.cfg.Logger.InfoContext(ctx, "usable", "what", check.Name)
			}
		})
	}
	wait.Wait()
	return found
}

// announce sets the status of every service. A check that has not run yet counts as
// failing.
func (s *Server) announce(found findings) {
	serving := map[string]bool{}
	for _, check := range s.cfg.Health {
		last, checked := found[check.Name]
		for _, service := range check.Services {
			before, seen := serving[service]
			serving[service] = checked && !last.failed && (before || !seen)
		}
	}
	for service, ok := range serving {
		state := healthgrpc.HealthCheckResponse_NOT_SERVING
		if ok {
			state = healthgrpc.HealthCheckResponse_SERVING
		}
		s.health.SetServingStatus(service, state)
	}
}

// endWatches ends the streams of gRPC's own services, which are health watches and
// reflection, when the server begins to stop. Callers keep them open, so a graceful stop
// would wait for them until its timeout.
func (s *Server) endWatches(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if !strings.HasPrefix(info.FullMethod, "/grpc.") {
		return handler(srv, stream)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	go guard.Log(s.cfg.Logger, "end of watches", func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	})()
	return handler(srv, watchStream{stream, ctx})
}

// watchStream is a stream with another context.
type watchStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context returns the stream's context.
func (w watchStream) Context() context.Context { return w.ctx }
