package backfill

import "time"

// Hasten makes a queue retry almost at once.
func (q *Queue) Hasten() { q.pause, q.outages.first = time.Millisecond, 20*time.Millisecond }
