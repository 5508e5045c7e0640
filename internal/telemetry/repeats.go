package telemetry

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// repeatPause is how long a warning about a call suppresses further ones of the same kind.
	// While a part is down, all calls fail for the same reason.
	repeatPause = 10 * time.Second
	// maxKinds is the maximum number of kinds in memory. The code has fewer pairs of a message
	// and a reason.
	maxKinds = 1000
)

// repeats suppresses warnings that repeat an earlier one.
type repeats struct {
	mu    sync.Mutex
	kinds map[string]*repeat
}

// repeat describes the last warning of a kind.
type repeat struct {
	logged  time.Time
	leftOut int // warnings left out since then
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
