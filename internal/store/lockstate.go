package store

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// lockedRead is how long a read waits for tables that somebody else has locked.
	lockedRead = 3 * time.Second
	// lockedFor is how long tables count as locked after a check found it. Servers check every
	// second.
	lockedFor = 10 * time.Second
)

// lockState remembers since when checks find the shared tables locked, so that they cannot be
// read. lock_timeout does not suffice for reads: it is one setting for all statements of a
// connection, and building an index must wait longer for locks than a caller does.
type lockState struct{ first, last atomic.Int64 } // in nanoseconds since 1970; last is 0 if the last check could read

// checked records the result of a check.
func (l *lockState) checked(err error) {
	switch {
	case err == nil:
		l.last.Store(0)
	case waitedForLock(err):
		now := time.Now().UnixNano()
		if !l.locked() {
			l.first.Store(now)
		}
		l.last.Store(now)
	}
}

func (l *lockState) locked() bool {
	last := l.last.Load()
	return last != 0 && time.Since(time.Unix(0, last)) < lockedFor
}

// wait returns how long a read may wait. A lock that was found before counts from then on, since
// a call may need several reads.
func (l *lockState) wait() time.Duration {
	if !l.locked() {
		return lockedRead
	}
	return max(lockedRead-time.Since(time.Unix(0, l.first.Load())), pingLock)
}

// limit returns a context for a read, which ends with the cause ErrLocked if the tables are
// locked when the read has waited long enough, or for nine tenths of its time if that is less.
// So the caller gets the reason before its deadline.
func (l *lockState) limit(ctx context.Context) (limited context.Context, stop func()) {
	wait := l.wait()
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, lockTimeout(time.Until(deadline)))
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(wait, func() {
		if l.locked() {
			cancel(ErrLocked)
		}
	})
	return limited, func() {
		timer.Stop()
		cancel(nil)
	}
}
