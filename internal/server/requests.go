package server

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// promptly is how long a request may take to arrive. One that takes longer needs one of
	// maxSlowRequests places, since all that has arrived of it is in memory.
	promptly        = 250 * time.Millisecond
	maxSlowRequests = 16
	// maxRequestsInAll bounds the requests whose calls are in progress, in bytes. Those
	// below smallRequest do not count.
	maxRequestsInAll = 128 << 20
	smallRequest     = 64 << 10
	// streamWindow and connectionWindow bound what arrives of an import before it is asked
	// for, in bytes. gRPC's own choice of them grows to 16 MiB a stream.
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
	bounded := *service
	bounded.Methods = slices.Clone(service.Methods)
	for i, method := range bounded.Methods {
		bounded.Methods[i].Handler = r.bound(method.Handler)
	}
	r.ServiceRegistrar.RegisterService(&bounded, implementation)
}

func (r *requests) bound(handle grpc.MethodHandler) grpc.MethodHandler {
	return func(service any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		var size int64
		defer func() { r.held.Add(-size) }()
		return handle(service, ctx, func(request any) error {
			if err := r.receive(ctx, func() error { return decode(request) }); err != nil {
				return err
			}
			size = sizeOf(request)
			if r.held.Add(size) > r.most && size > 0 {
				return refusal("OVERLOADED", "the server has too many large requests; try again later, or at another server")
			}
			return nil
		}, intercept)
	}
}

// sizeOf returns the size of a request in bytes, or 0 if it is small.
func sizeOf(request any) int64 {
	message, ok := request.(proto.Message)
	if !ok {
		return 0
	}
	if size := proto.Size(message); size >= smallRequest {
		return int64(size)
	}
	return 0
}

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

// await returns the error of a request, or false if it has not arrived when the time ends.
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

// decoded returns the error of gRPC, which is not for callers if it is a panic.
func (r *requests) decoded(ctx context.Context, err error) error {
	var panicked *guard.PanicError
	if errors.As(err, &panicked) {
		return r.panicked(ctx, panicked)
	}
	return err
}
