// Package server runs a gRPC server with limits, deadlines, health, reflection and
// graceful shutdown. It does not know the services that it serves.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
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
	"google.golang.org/grpc/test/bufconn"
)

// Config holds the settings of a Server.
type Config struct {
	// Addr is the address to listen on, such as 127.0.0.1:50051. Port 0 means any
	// free port.
	Addr string
	// MaxMessageBytes bounds a request. A larger one fails with RESOURCE_EXHAUSTED.
	MaxMessageBytes int
	// DefaultTimeout is the timeout of unary calls without a deadline.
	DefaultTimeout time.Duration
	// StopTimeout is how long a shutdown waits for calls in progress.
	StopTimeout time.Duration
	// TLS has the files of TLS, or is nil to serve without it.
	TLS *TLSFiles
	// Access intercepts all calls that arrive at Addr, before Unary and Stream, and
	// decides who is let in. Without interceptors everyone is.
	Access Access
	// NoReflection leaves out server reflection.
	NoReflection bool
	// Unary and Stream intercept calls before the services handle them.
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
	// Register registers the services.
	Register func(grpc.ServiceRegistrar)
	// Health lists the checks of whether the services can answer.
	Health []HealthCheck
	// HealthTimeout bounds one health check. 0 means 2 s.
	HealthTimeout time.Duration
	Logger        *slog.Logger
}

// Access has interceptors of calls, health and reflection included.
type Access struct {
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
}

// Server is a gRPC server with an open listener.
type Server struct {
	cfg           Config
	listener      net.Listener
	grpc          *grpc.Server
	inner         *grpc.Server // for Dial
	innerListener *bufconn.Listener
	certificates  *certificates // nil without TLS
	health        *health.Server
	stopping      chan struct{} // closed when a shutdown begins
}

// New opens the listener, so that a port in use is reported at once, and prepares the
// server. Health starts as NOT_SERVING.
func New(ctx context.Context, cfg Config) (*Server, error) {
	cfg.HealthTimeout = cmp.Or(cfg.HealthTimeout, defaultHealthTimeout)
	s := &Server{cfg: cfg, health: health.NewServer(), stopping: make(chan struct{})}
	var outer []grpc.ServerOption
	if cfg.TLS != nil {
		var err error
		if s.certificates, err = loadCertificates(*cfg.TLS, cfg.Logger); err != nil {
			return nil, err
		}
		outer = append(outer, grpc.Creds(s.certificates.credentials()))
	}
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr); err != nil {
		return nil, fmt.Errorf("listen for gRPC on %s (use --grpc-addr for another address): %w", cfg.Addr, err)
	}
	s.grpc = grpc.NewServer(append(outer, s.options(cfg.Access)...)...)
	cfg.Register(s.grpc)
	healthgrpc.RegisterHealthServer(s.grpc, s.health)
	if !cfg.NoReflection {
		reflection.Register(s.grpc)
	}
	s.newInProcess(s.options(Access{})...)
	s.announce(map[string]bool{})
	return s, nil
}

// options returns the limits and the interceptors.
func (s *Server) options(access Access) []grpc.ServerOption {
	onPanic := recovery.WithRecoveryHandlerContext(s.recovered)
	unary := []grpc.UnaryServerInterceptor{recovery.UnaryServerInterceptor(onPanic), deadline(s.cfg.DefaultTimeout)}
	stream := []grpc.StreamServerInterceptor{recovery.StreamServerInterceptor(onPanic), s.endWatches}
	if access.Unary != nil {
		unary, stream = append(unary, access.Unary), append(stream, access.Stream)
	}
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(s.cfg.MaxMessageBytes),
		grpc.MaxConcurrentStreams(256),
		grpc.ConnectionTimeout(handshakeLimit),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		// Without keepalive, the streams of a client that disappeared would stay for
		// hours.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(append(unary, s.cfg.Unary)...),
		grpc.ChainStreamInterceptor(append(stream, s.cfg.Stream)...),
	}
}

// handshakeLimit bounds the handshakes of TLS and HTTP/2.
const handshakeLimit = 10 * time.Second

// maxHeaderBytes bounds the metadata of a call. A token takes at most 16 KiB of it.
const maxHeaderBytes = 64 << 10

// recovered returns the status of a call that panicked.
func (s *Server) recovered(ctx context.Context, p any) error {
	s.cfg.Logger.ErrorContext(ctx, "panic in a call", "panic", p, "stack", string(debug.Stack()))
	st := status.New(codes.Internal, "internal error; see the server's log")
	if detailed, err := st.WithDetails(&errdetails.ErrorInfo{Reason: "INTERNAL", Domain: "accord"}); err == nil {
		st = detailed
	}
	return st.Err()
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers calls until ctx ends. Then it reports NOT_SERVING, accepts no new
// calls, and returns when the calls in progress are finished, at the latest after
// StopTimeout.
func (s *Server) Serve(ctx context.Context) error {
	watchCtx, stopWatching := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(watchCtx) })
	if s.certificates != nil {
		watching.Go(func() { s.certificates.watch(watchCtx) })
	}
	served := make(chan error, 2)
	go func() { served <- s.grpc.Serve(s.listener) }()
	go func() { served <- s.inner.Serve(s.innerListener) }()

	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	s.stop()
	err = errors.Join(err, <-served)
	stopWatching()
	watching.Wait()
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
		defer close(graceful)
		var stopping sync.WaitGroup
		stopping.Go(s.grpc.GracefulStop)
		stopping.Go(s.inner.GracefulStop)
		stopping.Wait()
	}()
	select {
	case <-graceful:
	case <-time.After(s.cfg.StopTimeout):
		s.cfg.Logger.Warn("cancelling the calls that are still in progress", "waited", s.cfg.StopTimeout)
		s.grpc.Stop()
		s.inner.Stop()
		<-graceful
	}
}

// deadline returns an interceptor that sets a deadline for calls without one.
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
