package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestRepeats: of warnings about calls for the same reason, only one is logged in a certain
// time, and the next one has the number of those left out. Other records are all logged.
func TestRepeats(t *testing.T) {
	t.Parallel()
	call := NewContext(t.Context(), Call{RequestID: "id"})
	now := time.Now()
	warn := func(after time.Duration, reason string) slog.Record {
		r := slog.NewRecord(now.Add(after), slog.LevelWarn, "call failed", 0)
		r.AddAttrs(slog.String("reason", reason))
		return r
	}
	failed := slog.NewRecord(now, slog.LevelError, "internal error", 0)
	for _, test := range []struct {
		what    string
		ctx     context.Context
		level   slog.Level
		records []slog.Record
		lines   int
		last    string
	}{
		{"the same reason", call, slog.LevelInfo, []slog.Record{warn(0, "A"), warn(0, "A"), warn(time.Second, "A")}, 1, "reason=A"},
		{"later", call, slog.LevelInfo, []slog.Record{warn(0, "A"), warn(0, "A"), warn(repeatPause, "A")}, 2, "left_out=1"},
		{"other reasons", call, slog.LevelInfo, []slog.Record{warn(0, "A"), warn(0, "B")}, 2, "reason=B"},
		{"errors", call, slog.LevelInfo, []slog.Record{failed, failed}, 2, "internal error"},
		{"no call", t.Context(), slog.LevelInfo, []slog.Record{warn(0, "A"), warn(0, "A")}, 2, "reason=A"},
		{"level debug", call, slog.LevelDebug, []slog.Record{warn(0, "A"), warn(0, "A")}, 2, "reason=A"},
	} {
		var out bytes.Buffer
		handler := LogHandler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: test.level})).WithAttrs(nil)
		for _, r := range test.records {
			if err := handler.Handle(test.ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != test.lines || !strings.Contains(lines[len(lines)-1], test.last) {
			t.Errorf("%s: %d lines, want %d, the last with %s:\n%s", test.what, len(lines), test.lines, test.last, out.String())
		}
	}
	bounded := &repeats{kinds: map[string]*repeat{}}
	for n := range 2 * maxKinds {
		bounded.admit(warn(0, fmt.Sprint(n)))
	}
	if len(bounded.kinds) > maxKinds {
		t.Errorf("%d kinds in memory", len(bounded.kinds))
	}
}
