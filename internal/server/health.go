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
)

// HealthCheck is one thing that services need.
type HealthCheck struct {
	// Name is what the log calls it.
	Name string
	// Check returns why it cannot be used; nil where it can.
	Check func(context.Context) error
	// Services are the names, as health calls them, that need it.
	Services []string
	// Quiet has the log leave it out, since the check logs what changes itself.
	Quiet bool
}

const (
	healthPause = time.Second // between two looks
	// defaultHealthTimeout bounds one look.
	defaultHealthTimeout = 2 * time.Second
)

// watch keeps the health of the services true until ctx ends. A service serves
// while everything that it needs can be used.
func (s *Server) watch(ctx context.Context) {
	failing := map[string]bool{}
	for {
		current := s.look(ctx, failing)
		if ctx.Err() != nil {
			return
		}
		failing = current
		s.announce(failing)
		select {
		case <-ctx.Done():
			return
		case <-time.After(healthPause):
		}
	}
}

// look makes every check at once and returns which failed, by name. It logs
// what changed since the look before.
func (s *Server) look(ctx context.Context, before map[string]bool) map[string]bool {
	looking, cancel := context.WithTimeout(ctx, s.cfg.HealthTimeout)
	defer cancel()
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
	)
	failing := maps.Clone(before)
	for _, check := range s.cfg.Health {
		wait.Go(func() {
			err := check.Check(looking)
			if ctx.Err() != nil {
				return // the server stops: nothing is wrong with what it needs
			}
			if err != nil && looking.Err() != nil {
				err = fmt.Errorf("no answer within %v: %w", s.cfg.HealthTimeout, err)
			}
			mu.Lock()
			defer mu.Unlock()
			known, seen := before[check.Name]
			failing[check.Name] = err != nil
			switch {
			case check.Quiet:
			case err != nil && !known:
				s.cfg.Logger.WarnContext(ctx, "not usable", "what", check.Name, "error", err)
			case err == nil && (known || !seen):
				s.cfg.Logger.InfoContext(ctx, "usable", "what", check.Name)
			}
		})
	}
	wait.Wait()
	return failing
}

// announce sets the status of every service. What was not looked at yet counts
// as failing.
func (s *Server) announce(failing map[string]bool) {
	serving := map[string]bool{}
	for _, check := range s.cfg.Health {
		failed, looked := failing[check.Name]
		for _, service := range check.Services {
			before, seen := serving[service]
			serving[service] = looked && !failed && (before || !seen)
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

// endWatches ends the streams of gRPC's own services, health watches and
// reflection, when a stop begins: callers leave them open, and a graceful stop
// would wait for them without result.
func (s *Server) endWatches(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if !strings.HasPrefix(info.FullMethod, "/grpc.") {
		return handler(srv, stream)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return handler(srv, watchStream{stream, ctx})
}

// watchStream is a stream with another context.
type watchStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context returns the stream's context.
func (w watchStream) Context() context.Context { return w.ctx }
