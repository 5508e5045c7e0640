package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// logHandler adds the ids of a call to its records.
type logHandler struct{ slog.Handler }

// LogHandler returns a handler that adds request_id and trace_id to the records of a call.
func LogHandler(inner slog.Handler) slog.Handler { return logHandler{inner} }

// Handle implements slog.Handler.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	id, span := callOf(ctx).RequestID, trace.SpanContextFromContext(ctx)
	if id == "" && !span.IsValid() {
		return h.Handler.Handle(ctx, record)
	}
	record = record.Clone()
	if id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	if span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
