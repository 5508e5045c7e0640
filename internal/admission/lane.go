package admission

import (
	"container/list"
	"time"
)

// longestGoal bounds the time in which a call should be answered once it runs. A search
// takes some 50 ms on an idle machine.
const longestGoal = 2 * time.Second

// lane bounds the calls that run. Its limit adapts to how long they take (additive
// increase, multiplicative decrease): it grows while the lane is full and calls are answered
// well within their time, and shrinks when a call takes too long.
type lane struct {
	lane        Lane
	limit       float64
	least, most float64 // bounds of limit
	running     int
	queue       list.List // elements are *waiter
	waiting     int       // number of calls that wait; those of batches count each
	took        estimate
	shrunk      time.Time
}

// waiter is a call that was let in or waits.
type waiter struct {
	call    Call
	from    *caller
	place   *list.Element
	turn    chan struct{} // closed when the call is let in; nil if it did not wait
	maxWait time.Duration
}

func newLane(l Lane, most, least float64) *lane {
	least = min(least, most)
	return &lane{lane: l, limit: min(4*least, most), least: least, most: most}
}

// bound returns how many calls may run. For streams it is the maximum, since their
// durations say nothing about load.
func (l *lane) bound() int {
	if l.lane == Streams {
		return int(l.most)
	}
	return int(l.limit)
}

func (l *lane) full() bool { return l.running >= l.bound() }

// maxQueue returns the number of calls that may wait.
func (l *lane) maxQueue() int {
	if l.lane == Streams {
		return 0
	}
	return int(l.most)
}

func (l *lane) enqueue(w *waiter) {
	w.place = l.queue.PushBack(w)
	l.waiting += w.call.size()
}

func (l *lane) dequeue(w *waiter) {
	l.queue.Remove(w.place)
	l.waiting -= w.call.size()
}

// expectedWait returns how long a new call would wait.
func (l *lane) expectedWait() time.Duration {
	return time.Duration(float64(l.waiting+1) / float64(l.bound()) * float64(l.took.mean))
}

// adapt changes the limit after a call. goal is the time within which the call should have
// ended.
func (l *lane) adapt(took, goal time.Duration, now time.Time) {
	l.took.add(took)
	switch {
	case took > goal && now.Sub(l.shrunk) > took: // calls that ran at the same time are also late, and shrink the limit only once
		const decrease = 0.8
		l.limit, l.shrunk = max(l.least, l.limit*decrease), now
	case took <= goal && l.full():
		l.limit = min(l.most, l.limit+1/l.limit)
	}
}

// overloaded returns a refusal that asks the caller to retry when about half of the waiting
// calls have had their turn.
func (l *lane) overloaded() *RefusalError {
	const least, most = 100 * time.Millisecond, 5 * time.Second
	return &RefusalError{Reason: Overloaded, RetryAfter: max(least, min(most, l.expectedWait()/2))}
}

// estimate is a moving estimate of a duration, computed as TCP estimates round-trip times
// (RFC 6298).
type estimate struct{ mean, deviation time.Duration }

func (e *estimate) add(took time.Duration) {
	if e.mean == 0 {
		e.mean, e.deviation = took, took/2
		return
	}
	e.deviation += ((took - e.mean).Abs() - e.deviation) / 4
	e.mean += (took - e.mean) / 8
}

// upperBound returns a duration that is rarely exceeded.
func (e *estimate) upperBound() time.Duration { return e.mean + 2*e.deviation }
