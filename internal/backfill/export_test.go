package backfill

import (
	"context"
	"time"
)

// Hasten makes a queue retry almost immediately, and send heartbeats all the time.
func (q *Queue) Hasten() {
	q.pause, q.outages.first, q.beat = time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
}

// Round makes a builder do one round.
func (b *Builder) Round(ctx context.Context, spaces Spaces, calibrator Calibrator) {
	b.buildSpaces(ctx, spaces, calibrator, map[string]time.Time{})
}
