package observe

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/telemetry"
)

var _ stats.Handler = (*Observer)(nil)

// call is a call in progress.
type call struct {
	method    string
	requestID atomic.Pointer[string] // nil until the interceptors set it
}

type callKey struct{}

// callOf returns the call of a context, or nil if no stats handler saw it.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// TagRPC implements stats.Handler.
func (o *Observer) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	c := &call{method: unknown}
	if o.known(info.FullMethodName) {
		c.method = strings.TrimPrefix(info.FullMethodName, "/")
	}
	return context.WithValue(ctx, callKey{}, c)
}

// HandleRPC implements stats.Handler.
func (o *Observer) HandleRPC(ctx context.Context, event stats.RPCStats) {
	end, ended := event.(*stats.End)
	if !ended {
		return
	}
	c, took, outcome := callOf(ctx), end.EndTime.Sub(end.BeginTime), codeName(end.Error)
	o.metrics.Call(c.method, outcome, took)
	if o.log.Enabled(ctx, slog.LevelDebug) {
		if id := c.requestID.Load(); id != nil {
			ctx = telemetry.NewContext(ctx, telemetry.Call{RequestID: *id})
		}
		o.log.DebugContext(ctx, "call ended", "method", c.method, "code", outcome, "took", took)
	}
}

// codeName returns the name of the status code of an error as the API writes it.
func codeName(err error) string {
	if name, known := code.Code_name[int32(status.Code(err))]; known {
		return name
	}
	return code.Code_UNKNOWN.String()
}

// TagConn implements stats.Handler.
func (*Observer) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (*Observer) HandleConn(context.Context, stats.ConnStats) {}
