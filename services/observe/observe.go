// Package observe counts and logs calls, and gives each a request id.
package observe

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/telemetry"
)

const (
	// callerID is the metadata key under which a caller may propose a request id.
	callerID = "x-request-id"
	// answerID is the key of the header with the request id of a call, and answerTrace the
	// key of the one with its trace id, which only traced calls have.
	answerID    = "accord-request-id"
	answerTrace = "accord-trace-id"
	// unknown is the label for methods that the server does not have.
	unknown = "unknown"
)

// Metrics counts calls. See metrics.Metrics for the full contract.
type Metrics interface {
	telemetry.Recorder
	Call(method, code string, took time.Duration)
}

// Observer sees all calls of a server. It implements stats.Handler because a stats handler
// also sees calls that grpc-go itself refuses.
type Observer struct {
	metrics Metrics
	log     *slog.Logger
	known   func(method string) bool
}

// New returns an Observer. known reports whether the server has a method.
func New(metrics Metrics, log *slog.Logger, known func(method string) bool) *Observer {
	return &Observer{metrics, log, known}
}

// Unary is an interceptor that gives a unary call its request id.
func (o *Observer) Unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, ids := o.identify(ctx)
	_ = grpc.SetHeader(ctx, ids) // fails only if headers were sent already
	return handler(ctx, req)
}

// Stream is an interceptor that gives a stream its request id.
func (o *Observer) Stream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, ids := o.identify(stream.Context())
	_ = stream.SetHeader(ids)
	return handler(srv, identified{stream, ctx})
}

// identify adds a request id to the context of a call. It also returns the header with the
// ids of the request and of its trace.
func (o *Observer) identify(ctx context.Context) (context.Context, metadata.MD) {
	var proposed string
	if values := metadata.ValueFromIncomingContext(ctx, callerID); len(values) > 0 {
		proposed = values[0]
	}
	id := telemetry.RequestID(proposed)
	if c := callOf(ctx); c != nil {
		c.requestID.Store(&id)
	}
	ids := metadata.Pairs(answerID, id)
	if traced := telemetry.TraceID(ctx); traced != "" {
		ids.Set(answerTrace, traced)
	}
	return telemetry.NewContext(ctx, telemetry.Call{RequestID: id, Recorder: o.metrics}), ids
}

// identified is a stream whose context has a request id.
type identified struct {
	grpc.ServerStream
	ctx context.Context
}

// Context returns the context of the stream.
func (s identified) Context() context.Context { return s.ctx }
