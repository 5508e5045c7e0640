package build

import "time"

// Hasten has a queue try again at once.
func (q *Queue) Hasten() { q.pause, q.outages.first = time.Millisecond, 20*time.Millisecond }
