package backfill

import (
	"context"
	"time"
)

// Hasten makes a queue retry almost immediately.
func (q *Queue) Hasten() { q.pause, q.outages.first = time.Millisecond, 20*time.Millisecond }

// Round makes a builder do one round.
func (b *Builder) Round(ctx context.Context, spaces Spaces, calibrator Calibrator) {
	b.buildSpaces(ctx, spaces, calibrator, map[string]time.Time{})
}
