package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// promptly is how long any request may take to arrive. At most maxSlowRequests requests may
	// take longer, since the part of them that has arrived is in memory.
	promptly        = 250 * time.Millisecond
	maxSlowRequests = 16
	// maxRequestsInAll bounds the total size of the requests whose calls are in progress, in
	// bytes.
	maxRequestsInAll = 128 << 20
	// SmallRequest is a size in bytes. A smaller request is not counted once it has arrived.
	SmallRequest = 64 << 10
	// streamWindow and connectionWindow limit how many bytes of an import a client may send
	// before the server reads them. gRPC's own limit grows to 16 MiB per stream.
	streamWindow     = 256 << 10
	connectionWindow = 1 << 20
)

// requests bounds the memory that the requests of unary calls take. Interceptors come too
// late for this: gRPC calls them when it has the whole request.
type requests struct {
	grpc.ServiceRegistrar
	slow     chan struct{} // its capacity is maxSlowRequests
	limit    time.Duration // for a request to arrive
	most     int64         // maxRequestsInAll
	held     atomic.Int64  // in bytes
	panicked func(context.Context, any) error
}

func newRequests(registrar grpc.ServiceRegistrar, limit time.Duration, panicked func(context.Context, any) error) *requests {
	return &requests{
		ServiceRegistrar: registrar, slow: make(chan struct{}, maxSlowRequests), limit: limit, most: maxRequestsInAll, panicked: panicked,
	}
}

// RegisterService registers a service whose unary calls are bounded.
func (r *requests) RegisterService(service *grpc.ServiceDesc, implementation any) {
	r.ServiceRegistrar.RegisterService(wrapped(service, func(_ string, handle grpc.MethodHandler) grpc.MethodHandler {
		return r.bound(handle)
	}), implementation)
}

func (r *requests) bound(handle grpc.MethodHandler) grpc.MethodHandler {
	return func(service any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		held := &Held{requests: r}
		defer held.Release()
		return handle(service, ctx, func(request any) error {
			if err := r.receive(ctx, func() error { return decode(request) }); err != nil {
				return err
			}
			if size := sizeOf(request); size >= SmallRequest {
				return held.Set(size)
			}
			return nil
		}, intercept)
	}
}

// sizeOf returns the size of a request in bytes.
func sizeOf(request any) int {
	if message, ok := request.(proto.Message); ok {
		return proto.Size(message)
	}
	return 0
}

// Held is the memory that one request takes. It counts towards the bound of all requests.
type Held struct {
	requests *requests
	bytes    int64
}

// Hold returns a Held for a request that arrives over HTTP. It counts no bytes yet. The
// caller must release it.
func (s *Server) Hold() *Held { return &Held{requests: s.requests} }

// Set records how many bytes the request takes now. If all requests together take too many,
// it returns the status RESOURCE_EXHAUSTED. The bound is a quarter higher for a request that
// is still below SmallRequest, so that large requests cannot block small ones.
func (h *Held) Set(bytes int) error {
	most, more := h.requests.most, int64(bytes)-h.bytes
	if bytes < SmallRequest {
		most += most / 4
	}
	h.bytes += more
	if h.requests.held.Add(more) > most && more > 0 {
		return refusal("OVERLOADED", "the server has too many large requests; try again later, or at another server")
	}
	return nil
}

// Release records that the request takes no memory any more.
func (h *Held) Release() { _ = h.Set(0) } // Set fails only if a request grows

// receive waits for a request.
func (r *requests) receive(ctx context.Context, decode func() error) error {
	received := make(chan error, 1)
	// The goroutine ends with the request, or with the call, which ends when receive
	// returns an error.
	go func() { received <- guard.Call(decode) }()
	timer := time.NewTimer(promptly)
	defer timer.Stop()
	if arrived, err := await(received, timer.C); arrived {
		return r.decoded(ctx, err)
	}
	select {
	case r.slow <- struct{}{}:
		defer func() { <-r.slow }()
	default:
		return refusal("OVERLOADED", "the server receives too many requests that arrive slowly; try again later, or at another server")
	}
	timer.Reset(r.limit)
	if arrived, err := await(received, timer.C); arrived {
		return r.decoded(ctx, err)
	}
	return detailed(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the request did not arrive in time")
}

// await waits for a request until end has a value. It reports whether the request has
// arrived, and its error.
func await(received <-chan error, end <-chan time.Time) (arrived bool, err error) {
	select {
	case err := <-received:
		return true, err
	case <-end:
	}
	select {
	case err := <-received: // on a busy machine both are ready when this goroutine runs again
		return true, err
	default:
		return false, nil
	}
}

// decoded returns err, or the status of a panicked call if err is a panic.
func (r *requests) decoded(ctx context.Context, err error) error {
	var panicked *guard.PanicError
	if errors.As(err, &panicked) {
		return r.panicked(ctx, panicked)
	}
	return unreadable(err)
}

// unreadable returns the error with which a call ends that received a message that gRPC cannot
// read. gRPC has answered the caller with INTERNAL by then. In metrics and traces this would
// look like a fault of the server, so there the call ends with INVALID_ARGUMENT.
func unreadable(err error) error {
	if status.Code(err) != codes.Internal {
		return err
	}
	return status.Error(codes.InvalidArgument, status.Convert(err).Message())
}

// readableStream is a stream of requests whose errors are those of unreadable.
type readableStream struct{ grpc.ServerStream }

// RecvMsg implements grpc.ServerStream.
func (s readableStream) RecvMsg(m any) error { return unreadable(s.ServerStream.RecvMsg(m)) }

func readable(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(srv, readableStream{stream})
}
