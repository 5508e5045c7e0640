// Package recurring helps with work that is tried again and again, such as a poller's query.
// It logs when the outcome changes, and lengthens the pauses while the work fails.
package recurring

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxFactor bounds the pause between tries, as a multiple of the usual pause.
const maxFactor = 6

// Task is work that is tried again and again. It is safe for concurrent use.
type Task struct {
	// Failure is the message that is logged when the work begins to fail.
	Failure string
	Logger  *slog.Logger

	mu       sync.Mutex
	failures int // consecutive failures
}

// Note records the outcome of a try. It ignores a try that ended because ctx did.
func (t *Task) Note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	t.mu.Lock()
	before := t.failures
	t.failures++
	if err == nil {
		t.failures = 0
	}
	t.mu.Unlock()
	switch {
	case err != nil && before == 0:
		t.Logger.WarnContext(ctx, t.Failure, "error", err)
	case err != nil:
		t.Logger.DebugContext(ctx, t.Failure, "error", err, "failures", before+1)
	case before > 0:
		t.Logger.InfoContext(ctx, "works again", "after", t.Failure, "failures", before)
	}
}

// Pause returns how long to wait before the next try: usual after a success, and longer
// after each failure.
func (t *Task) Pause(usual time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return usual * time.Duration(min(t.failures+1, maxFactor))
}
