package telemetry

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Call is what telemetry knows about a call.
type Call struct {
	// RequestID identifies the call in the log and in the answer's header.
	RequestID string
	// Recorder gets the times of its stages. It may be nil.
	Recorder Recorder
}

type callKey struct{}

// NewContext returns a context with a call.
func NewContext(ctx context.Context, call Call) context.Context {
	return context.WithValue(ctx, callKey{}, call)
}

// callOf returns the call of a context, or the zero value if there is none.
func callOf(ctx context.Context) Call {
	call, _ := ctx.Value(callKey{}).(Call)
	return call
}

// Carry returns ctx with the call and the span of the context from. Use it for work that
// outlives the context of its caller.
func Carry(ctx, from context.Context) context.Context {
	ctx = NewContext(ctx, callOf(from))
	return trace.ContextWithSpan(ctx, trace.SpanFromContext(from))
}

// maxRequestID is the length of the longest request id that is taken from a caller.
const maxRequestID = 64

// RequestID returns the id that a caller proposes if it has at most 64 characters of A-Z,
// a-z, 0-9 and ._:-, and otherwise a new id.
func RequestID(proposed string) string {
	if proposed == "" || len(proposed) > maxRequestID {
		return rand.Text()
	}
	for _, c := range []byte(proposed) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '_' && c != ':' && c != '-' {
			return rand.Text()
		}
	}
	return proposed
}

// TraceID returns the id of the trace of a call, 32 hexadecimal digits, or "" if it is not
// traced.
func TraceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		return span.TraceID().String()
	}
	return ""
}

// PassOn calls set with the headers that continue the trace of a call on another server:
// traceparent, and tracestate if there is one (W3C Trace Context). The names are in lower case.
// PassOn does nothing if the call of ctx is not traced.
func PassOn(ctx context.Context, set func(key, value string)) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	for key, value := range carrier {
		set(key, value)
	}
}
