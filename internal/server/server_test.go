package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// patience is how long a test waits for an event.
const patience = 20 * time.Second

// running is a server whose methods call handle: /test.Test/Call, and the streams
// /test.Test/Answers and /test.Test/Import, which then send messages until that fails. The stream
// /test.Test/Stream only receives one message.
type running struct {
	srv  *Server
	conn *grpc.ClientConn
	stop context.CancelFunc
	done chan struct{} // closed when Serve has returned err
	err  error
}

// start runs a server. It fills in the fields of cfg that are zero.
func start(t *testing.T, cfg Config, handle func(context.Context) error) *running {
	t.Helper()
	srv, err := New(t.Context(), complete(cfg, handle))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{srv: srv, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = srv.Serve(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-r.done
	})
	r.conn, err = grpc.NewClient(srv.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	return r
}

func complete(cfg Config, handle func(context.Context) error) Config {
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	if cfg.StopTimeout == 0 {
		cfg.StopTimeout = patience
	}
	if cfg.DefaultTimeout == 0 {
		cfg.DefaultTimeout = patience
	}
	if cfg.MaxMessageBytes == 0 {
		cfg.MaxMessageBytes = 1 << 10
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Unary = func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		return next(ctx, req)
	}
	cfg.Stream = func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return next(srv, stream)
	}
	method := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		req := &emptypb.Empty{}
		if err := decode(req); err != nil {
			return nil, err
		}
		return intercept(ctx, req, &grpc.UnaryServerInfo{}, func(ctx context.Context, _ any) (any, error) {
			return req, handle(ctx)
		})
	}
	stream := func(_ any, stream grpc.ServerStream) error {
		if err := handle(stream.Context()); err != nil {
			return err
		}
		for { // until the client reads no more
			if err := stream.SendMsg(wrapperspb.String(strings.Repeat("x", 64<<10))); err != nil {
				return err
			}
		}
	}
	cfg.Register = func(r grpc.ServiceRegistrar) {
		r.RegisterService(&grpc.ServiceDesc{
			ServiceName: "test.Test", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{MethodName: "Call", Handler: method}},
			Streams: []grpc.StreamDesc{
				{StreamName: "Answers", Handler: stream, ServerStreams: true},
				{StreamName: "Import", Handler: stream, ServerStreams: true, ClientStreams: true},
				{StreamName: "Stream", ClientStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
					return stream.RecvMsg(&emptypb.Empty{})
				}},
			},
		}, nil)
	}
	return cfg
}

func (r *running) call(ctx context.Context) error {
	return r.conn.Invoke(ctx, "/test.Test/Call", &emptypb.Empty{}, &emptypb.Empty{})
}

// ended returns the result of Serve.
func (r *running) ended(t *testing.T) error {
	t.Helper()
	select {
	case <-r.done:
		return r.err
	case <-time.After(patience):
		t.Fatal("the server does not stop")
		return nil
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var (
		calm   atomic.Bool
		panics atomic.Int64
	)
	r := start(t, Config{Observe: Observer{Panicked: func() { panics.Add(1) }}}, func(context.Context) error {
		if !calm.Load() {
			panic("secret")
		}
		return nil
	})
	err := r.call(t.Context())
	st := status.Convert(err)
	if st.Code() != codes.Internal || strings.Contains(st.Message(), "secret") || len(st.Details()) != 1 {
		t.Fatalf("got %v, details %v", st, st.Details())
	}
	if info, ok := st.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetDomain() != "accord" || info.GetReason() != "INTERNAL" {
		t.Errorf("details %v", st.Details())
	}
	if n := panics.Load(); n != 1 {
		t.Errorf("%d panics were counted, want 1", n)
	}
	calm.Store(true)
	if err := r.call(t.Context()); err != nil {
		t.Errorf("after the panic: %v", err)
	}
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	first, err := New(t.Context(), complete(Config{}, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer first.listener.Close()
	_, err = New(t.Context(), complete(Config{Addr: first.Addr().String()}, nil))
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), first.Addr().String()) || !strings.Contains(err.Error(), "--grpc-addr") {
		t.Errorf("got %v, want the address, why, and the flag", err)
	}
}

func TestMessageLimit(t *testing.T) {
	t.Parallel()
	r := start(t, Config{}, func(context.Context) error { return nil })
	long := status.New(codes.OK, strings.Repeat("x", 2<<10)).Proto()
	err := r.conn.Invoke(t.Context(), "/test.Test/Call", long, &emptypb.Empty{})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("got %v, want RESOURCE_EXHAUSTED", err)
	}
}

// TestGracefulStop checks that a call in progress completes and a new one is refused.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	under, release := make(chan struct{}), make(chan struct{})
	usable := HealthCheck{Name: "all", Check: func(context.Context) error { return nil }, Services: []string{"test.Test"}}
	r := start(t, Config{Health: []HealthCheck{usable}}, func(context.Context) error {
		close(under)
		<-release
		return nil
	})
	answered := make(chan error, 1)
	go func() { answered <- r.call(context.Background()) }()
	<-under
	watch := r.watch(t, "test.Test")
	watch.want(t, healthgrpc.HealthCheckResponse_SERVING)
	r.stop()
	// A health watch gets the new status and then ends. Otherwise it would delay the
	// shutdown.
	watch.want(t, healthgrpc.HealthCheckResponse_NOT_SERVING)
	if _, err := watch.stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("the watch goes on: %v, want CANCELLED", err)
	}
	select {
	case <-r.done:
		t.Errorf("stopped during a call: %v", r.err)
	default:
	}
	close(release)
	if err := <-answered; err != nil {
		t.Errorf("the call in progress: %v", err)
	}
	if err := r.ended(t); err != nil {
		t.Errorf("serve: %v", err)
	}
	if err := r.call(t.Context()); status.Code(err) != codes.Unavailable {
		t.Errorf("a call after the stop: %v, want UNAVAILABLE", err)
	}
}

// TestStopLimit checks that a call that does not end is cancelled.
func TestStopLimit(t *testing.T) {
	t.Parallel()
	under := make(chan struct{})
	r := start(t, Config{StopTimeout: time.Millisecond}, func(ctx context.Context) error {
		close(under)
		<-ctx.Done()
		return ctx.Err()
	})
	answered := make(chan error, 1)
	go func() { answered <- r.call(context.Background()) }()
	<-under
	r.stop()
	if err := <-answered; status.Code(err) != codes.Unavailable {
		t.Errorf("the call got %v, want UNAVAILABLE", err)
	}
	if err := r.ended(t); err != nil {
		t.Errorf("serve: %v", err)
	}
}
