package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/guard"
)

// deadlines limits how long calls may take.
type deadlines struct {
	unset time.Duration // the limit of calls without a deadline
	most  time.Duration // the limit of other calls; 0 means none
}

// limit returns the context of a call with its deadline. An earlier deadline of the caller stays.
func (d deadlines) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := d.unset
	if _, ok := ctx.Deadline(); ok {
		if limit = d.most; limit == 0 {
			return context.WithCancel(ctx)
		}
	}
	return context.WithTimeout(ctx, limit)
}

// unary gives a unary call its deadline.
func (d deadlines) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, cancel := d.limit(ctx)
	defer cancel()
	return handler(ctx, req)
}

// stream gives a stream its deadline if it answers one request. Imports and the streams of gRPC's
// own services, such as health watches, may take any time.
func (d deadlines) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if info.IsClientStream || strings.HasPrefix(info.FullMethod, "/grpc.") {
		return handler(srv, stream)
	}
	ctx, cancel := d.limit(stream.Context())
	defer cancel()
	return handler(srv, limitedStream{watchStream{stream, ctx}})
}

// limitedStream is a stream that has to be sent before its context ends. Otherwise a client that
// reads nothing would keep it, and its memory, for as long as its connection lasts.
type limitedStream struct{ watchStream }

// SendMsg sends a message. If the deadline passes, it returns the status DEADLINE_EXCEEDED.
func (s limitedStream) SendMsg(message any) error {
	sent := make(chan error, 1)
	// The goroutine ends when the message is sent or when the stream ends, which it does once
	// the handler has returned this error.
	go func() { sent <- guard.Call(func() error { return s.ServerStream.SendMsg(message) }) }()
	select {
	case err := <-sent:
		return err
	case <-s.ctx.Done():
	}
	if errors.Is(s.ctx.Err(), context.DeadlineExceeded) {
		return detailed(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the answer was not read in time")
	}
	return <-sent // the caller has cancelled the stream, which ends SendMsg
}
