package telemetry

import (
	"context"
	"log/slog"
)

// logHandler adds the ids of a call to its records, and leaves out warnings that repeat
// others.
type logHandler struct {
	slog.Handler
	repeats *repeats
}

// LogHandler returns a handler that adds request_id and trace_id to the records of a call. Of
// the warnings about calls that have the same message and reason, it writes only one in 10 s,
// with the number of those left out as left_out. If level debug is enabled, it writes all.
func LogHandler(inner slog.Handler) slog.Handler {
	return logHandler{inner, &repeats{kinds: map[string]*repeat{}}}
}

// Handle implements slog.Handler.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	id, traced := callOf(ctx).RequestID, TraceID(ctx)
	if id == "" && traced == "" {
		return h.Handler.Handle(ctx, record)
	}
	record = record.Clone()
	if record.Level == slog.LevelWarn && !h.Enabled(ctx, slog.LevelDebug) {
		leftOut, ok := h.repeats.admit(record)
		if !ok {
			return nil
		}
		if leftOut > 0 {
			record.AddAttrs(slog.Int("left_out", leftOut))
		}
	}
	if id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	if traced != "" {
		record.AddAttrs(slog.String("trace_id", traced))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs), h.repeats}
}

// WithGroup implements slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name), h.repeats}
}
