package telemetry

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// repeatPause is how long warnings of calls are left out after one of the same kind.
	// While a part is down, all calls fail for the same reason.
	repeatPause = 10 * time.Second
	// maxKinds bounds the kinds in memory. There are as many as messages and reasons in the
	// code.
	maxKinds = 1000
)

// repeats leaves out warnings that repeat others.
type repeats struct {
	mu    sync.Mutex
	kinds map[string]*repeat
}

// repeat is what is known of a kind of warning.
type repeat struct {
	logged  time.Time
	leftOut int // since then
}

// admit reports whether to log a warning, and how many of its kind were left out before.
func (r *repeats) admit(record slog.Record) (leftOut int, ok bool) {
	kind := kindOf(record)
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.kinds[kind]
	if known != nil && record.Time.Sub(known.logged) < repeatPause {
		known.leftOut++
		return 0, false
	}
	if known != nil {
		leftOut = known.leftOut
	} else if len(r.kinds) >= maxKinds {
		clear(r.kinds)
	}
	r.kinds[kind] = &repeat{logged: record.Time}
	return leftOut, true
}

// kindOf returns the message of a record, with the reason of an error or the leg of a
// search.
func kindOf(record slog.Record) string {
	kind := record.Message
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" || a.Key == "leg" {
			kind += " " + a.Value.String()
		}
		return true
	})
	return kind
}
