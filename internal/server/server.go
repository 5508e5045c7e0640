// Package server runs a gRPC server with limits, deadlines, health, reflection and
// graceful shutdown. It does not know the services that it serves.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // lets clients compress requests
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/stats"

	"github.com/accord-search/accord/internal/guard"
)

// Config holds the settings of a Server.
type Config struct {
	// Addr is the address to listen on, such as 127.0.0.1:50051. Port 0 means any
	// free port.
	Addr string
	// MaxMessageBytes bounds a request. A larger one fails with RESOURCE_EXHAUSTED.
	MaxMessageBytes int
	// DefaultTimeout is the timeout of calls without a deadline, other than imports.
	DefaultTimeout time.Duration
	// MaxTimeout bounds the deadlines of calls other than imports. 0 means no bound.
	MaxTimeout time.Duration
	// StopTimeout is how long a shutdown waits for calls in progress.
	StopTimeout time.Duration
	// Observe sees all calls before anything else does.
	Observe Observer
	// TLS has the files for TLS. If it is nil, the server does not use TLS.
	TLS *TLSFiles
	// Access intercepts all calls that arrive at Addr or through DialFor, before Unary and
	// Stream, and decides which are allowed. If it is not set, all are.
	Access Interceptors
	// Admission intercepts the same calls after Access, and limits their number.
	Admission Interceptors
	// NoReflection turns off server reflection.
	NoReflection bool
	// Unary and Stream intercept calls before the services handle them.
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
	// Register registers the services.
	Register func(grpc.ServiceRegistrar)
	// Stopping is closed when a shutdown begins. It may be nil.
	Stopping chan struct{}
	// Health lists the checks that decide whether services can answer.
	Health []HealthCheck
	// HealthTimeout bounds one health check. 0 means 2 s.
	HealthTimeout time.Duration
	Logger        *slog.Logger
}

// Interceptors intercept all calls, health and reflection included. Unary and Stream are both
// nil or both set.
type Interceptors struct {
	// Early intercepts unary calls before their request is received, so that it gets none. It
	// is optional.
	Early  grpc.UnaryServerInterceptor
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
}

// Observer is notified of calls and does not influence them. All fields are optional.
type Observer struct {
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
	// Stats handlers also see calls that grpc-go itself refuses.
	Stats []stats.Handler
	// Panicked is called after a call panicked.
	Panicked func()
}

// Server is a gRPC server with an open listener.
type Server struct {
	cfg          Config
	listener     net.Listener
	grpc         *grpc.Server
	requests     *requests     // bounds the requests to grpc and over HTTP
	inner        inProcess     // serves the connections of Dial
	relayed      inProcess     // serves the connections of DialFor
	certificates *certificates // nil without TLS
	health       *health.Server
	stopping     chan struct{} // closed when a shutdown begins
}

// New opens the listener, so that a port in use is reported at once, and prepares the
// server. Health starts as NOT_SERVING.
func New(ctx context.Context, cfg Config) (*Server, error) {
	cfg.HealthTimeout = cmp.Or(cfg.HealthTimeout, defaultHealthTimeout)
	if cfg.Stopping == nil {
		cfg.Stopping = make(chan struct{})
	}
	s := &Server{cfg: cfg, health: health.NewServer(), stopping: cfg.Stopping}
	var err error
	security := insecure.NewCredentials()
	if cfg.TLS != nil {
		if s.certificates, err = loadCertificates(*cfg.TLS, cfg.Logger); err != nil {
			return nil, err
		}
		security = s.certificates.credentials()
	}
	if s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr); err != nil {
		return nil, fmt.Errorf("listen for gRPC on %s (use --grpc-addr for another address): %w", cfg.Addr, err)
	}
	s.listener = newBoundedListener(s.listener, maxConnections, maxConnectionsPerHost)
	counted := &replies{}
	outer := []grpc.ServerOption{
		grpc.Creds(resetCredentials{security}), grpc.StatsHandler(counted), grpc.ForceServerCodecV2(newCodec()), grpc.ChainUnaryInterceptor(counted.intercept), grpc.ChainStreamInterceptor(readable),
		grpc.InitialWindowSize(streamWindow), grpc.InitialConnWindowSize(connectionWindow),
	}
	s.grpc = grpc.NewServer(append(outer, s.options(cfg.Access, cfg.Admission)...)...)
	s.requests = newRequests(s.early(s.grpc, cfg.Access), cfg.DefaultTimeout, s.recovered)
	cfg.Register(s.requests)
	healthgrpc.RegisterHealthServer(s.requests, s.health)
	if !cfg.NoReflection {
		reflection.Register(s.grpc)
	}
	s.inner = s.newInProcess(Interceptors{}, s.options()...)
	s.relayed = s.newInProcess(cfg.Access, append(append(peerOptions(), s.options(cfg.Access, cfg.Admission)...),
		grpc.MaxConcurrentStreams(math.MaxUint32))...) // Admission limits the calls of all callers together
	s.announce(findings{})
	return s, nil
}

// options returns the limits and the interceptors. The outer interceptors run before those of
// the services. Around unary calls, early adds further ones.
func (s *Server) options(outer ...Interceptors) []grpc.ServerOption {
	deadlines := deadlines{s.cfg.DefaultTimeout, s.cfg.MaxTimeout}
	unary := []grpc.UnaryServerInterceptor{deadlines.unary}
	stream := []grpc.StreamServerInterceptor{recovery.StreamServerInterceptor(recovery.WithRecoveryHandlerContext(s.recovered)), s.endWatches, deadlines.stream}
	if s.cfg.Observe.Stream != nil {
		stream = slices.Insert(stream, 0, s.cfg.Observe.Stream)
	}
	for _, o := range outer {
		if o.Unary != nil {
			unary, stream = append(unary, o.Unary), append(stream, o.Stream)
		}
	}
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(s.cfg.MaxMessageBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.NumStreamWorkers(callWorkers),
		grpc.ConnectionTimeout(handshakeLimit),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		// Without keepalive, the streams of a client that disappeared would stay for
		// hours.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: time.Minute, Timeout: 20 * time.Second,
			MaxConnectionIdle: maxIdle, MaxConnectionAge: maxAge, MaxConnectionAgeGrace: maxAgeGrace,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(append(unary, s.cfg.Unary)...),
		grpc.ChainStreamInterceptor(append(stream, s.cfg.Stream)...),
	}
	for _, handler := range s.cfg.Observe.Stats {
		options = append(options, grpc.StatsHandler(handler))
	}
	return options
}

// handshakeLimit bounds the handshakes of TLS and HTTP/2.
const handshakeLimit = 10 * time.Second

// callWorkers is the number of goroutines that handle calls one after the other. A call that
// finds none idle gets a goroutine of its own. The stack of a new goroutine grows several times
// during a search, which takes 3 to 5 % of the server's CPU (docs/benchmarks.md).
const callWorkers = 32

// maxStreams is the maximum number of open calls of a connection. The client holds further
// calls back until others end.
const maxStreams = 256

const (
	// A connection without calls is closed after maxIdle, and every connection after
	// maxAge, so that clients spread over added servers. Clients reconnect without
	// noticing.
	maxIdle = 15 * time.Minute
	maxAge  = 30 * time.Minute
	// maxAgeGrace is how long calls may continue after maxAge. An import can take hours.
	maxAgeGrace = 6 * time.Hour
)

// maxHeaderBytes bounds the metadata of a call. A token takes at most 16 KiB of it.
const maxHeaderBytes = 64 << 10

// recovered returns the status of a call that panicked.
func (s *Server) recovered(ctx context.Context, p any) error {
	if s.cfg.Observe.Panicked != nil {
		s.cfg.Observe.Panicked()
	}
	s.cfg.Logger.ErrorContext(ctx, "panic in a call", "panic", p, "stack", string(debug.Stack()))
	return detailed(codes.Internal, "INTERNAL", "internal error; see the server's log")
}

// Ready reports whether the health of the server as a whole is SERVING.
func (s *Server) Ready(ctx context.Context) bool {
	answer, err := s.health.Check(ctx, &healthgrpc.HealthCheckRequest{})
	return err == nil && answer.GetStatus() == healthgrpc.HealthCheckResponse_SERVING
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers calls until ctx ends. Then it reports NOT_SERVING, accepts no new
// calls, and returns when the calls in progress are finished, at the latest after
// StopTimeout.
func (s *Server) Serve(ctx context.Context) error {
	watchCtx, stopWatching := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(guard.Log(s.cfg.Logger, "health checks", func() { s.watch(watchCtx) }))
	if s.certificates != nil {
		watching.Go(guard.Log(s.cfg.Logger, "reload of certificates", func() { s.certificates.watch(watchCtx) }))
	}
	served := make(chan error, 3)
	go func() { served <- guard.Call(func() error { return s.grpc.Serve(s.listener) }) }()
	for _, p := range []inProcess{s.inner, s.relayed} {
		go func() { served <- guard.Call(func() error { return p.Serve(p.listener) }) }()
	}

	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	s.stop()
	err = errors.Join(err, <-served, <-served)
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
	go guard.Log(s.cfg.Logger, "graceful stop", func() {
		defer close(graceful)
		var stopping sync.WaitGroup
		stopping.Go(guard.Log(s.cfg.Logger, "graceful stop", s.grpc.GracefulStop))
		stopping.Go(guard.Log(s.cfg.Logger, "graceful stop", s.inner.GracefulStop))
		stopping.Go(guard.Log(s.cfg.Logger, "graceful stop", s.relayed.GracefulStop))
		stopping.Wait()
	})()
	select {
	case <-graceful:
	case <-time.After(s.cfg.StopTimeout):
		s.cfg.Logger.Warn("cancelling the calls that are still in progress", "waited", s.cfg.StopTimeout)
		s.grpc.Stop()
		s.inner.Stop()
		s.relayed.Stop()
		<-graceful
	}
}
