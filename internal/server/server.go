// Package server runs a gRPC server: listener, limits, deadlines, health,
// reflection and a graceful stop. It knows nothing of the services on it.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
)

// Config says how the server runs.
type Config struct {
	// Addr is where it listens, such as 127.0.0.1:50051; port 0 takes a free one.
	Addr string
	// MaxMessageBytes bounds a request; a larger one is RESOURCE_EXHAUSTED.
	MaxMessageBytes int
	// DefaultTimeout is the deadline of unary calls whose caller set none.
	DefaultTimeout time.Duration
	// StopTimeout is how long a stop waits for calls under way.
	StopTimeout time.Duration
	// Unary and Stream see each call before the services do.
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
	// Register adds the services.
	Register func(grpc.ServiceRegistrar)
	// Health says whether the services can answer.
	Health []HealthCheck
	// HealthTimeout bounds one look at it; 2 s if it is 0.
	HealthTimeout time.Duration
	Logger        *slog.Logger
}

// Server is a gRPC server with an open listener.
type Server struct {
	cfg      Config
	listener net.Listener
	grpc     *grpc.Server
	health   *health.Server
	stopping chan struct{} // closed when a stop begins
}

// New opens the listener, so that a taken port is told at once, and prepares
// the server. Health starts as NOT_SERVING.
func New(ctx context.Context, cfg Config) (*Server, error) {
	cfg.HealthTimeout = cmp.Or(cfg.HealthTimeout, defaultHealthTimeout)
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen for gRPC on %s (--grpc-addr chooses another address): %w", cfg.Addr, err)
	}
	onPanic := recovery.WithRecoveryHandlerContext(func(ctx context.Context, p any) error {
		cfg.Logger.ErrorContext(ctx, "panic in a call", "panic", p, "stack", string(debug.Stack()))
		st := status.New(codes.Internal, "internal error; the server's log says more")
		if detailed, err := st.WithDetails(&errdetails.ErrorInfo{Reason: "INTERNAL", Domain: "accord"}); err == nil {
			st = detailed
		}
		return st.Err()
	})
	s := &Server{cfg: cfg, listener: listener, health: health.NewServer(), stopping: make(chan struct{})}
	s.grpc = grpc.NewServer(
		grpc.MaxRecvMsgSize(cfg.MaxMessageBytes),
		grpc.MaxConcurrentStreams(256),
		// A caller whose machine is gone does not keep its streams for hours.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(recovery.UnaryServerInterceptor(onPanic), deadline(cfg.DefaultTimeout), cfg.Unary),
		grpc.ChainStreamInterceptor(recovery.StreamServerInterceptor(onPanic), s.endWatches, cfg.Stream),
	)
	cfg.Register(s.grpc)
	healthgrpc.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	s.announce(map[string]bool{})
	return s, nil
}

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers calls until ctx ends. Then it says NOT_SERVING, takes no new
// calls, lets those under way finish within the stop timeout, and ends.
func (s *Server) Serve(ctx context.Context) error {
	watchCtx, stopWatching := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(watchCtx)
	}()
	served := make(chan error, 1)
	go func() { served <- s.grpc.Serve(s.listener) }()

	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		s.stop()
		err = <-served
	}
	stopWatching()
	<-watched
	if err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve gRPC: %w", err)
	}
	return nil
}

func (s *Server) stop() {
	s.health.Shutdown()
	close(s.stopping)
	graceful := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(graceful)
	}()
	select {
	case <-graceful:
	case <-time.After(s.cfg.StopTimeout):
		s.cfg.Logger.Warn("calls still under way are cut off", "waited", s.cfg.StopTimeout)
		s.grpc.Stop()
		<-graceful
	}
}

// deadline gives calls without one a deadline.
func deadline(limit time.Duration) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if _, ok := ctx.Deadline(); !ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		return handler(ctx, req)
	}
}
