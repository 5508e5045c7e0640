package store

import (
	"context"
	"sync/atomic"
	"time"
)

// Reading is a call that reads from one replica, so that all its reads see the same
// generations. If a read fails, the caller should make the whole call again on the primary.
type Reading struct {
	replica *replica
	alive   context.Context // ends when the replica is marked down
	failed  atomic.Bool
}

type readingKey struct{}

// OnReplica returns a context whose reads go to a replica that has replayed the log up to a
// position. For position 0, the replica must be within Config.ReplicaMaxLag. If there is no
// such replica, the Reading is nil and reads go to the primary.
func (s *Store) OnReplica(ctx context.Context, least Position) (context.Context, *Reading) {
	r, alive := s.replicas.choose(ctx, least)
	if r == nil {
		return ctx, nil
	}
	reading := &Reading{replica: r, alive: alive}
	return context.WithValue(ctx, readingKey{}, reading), reading
}

// Failed reports whether a read failed, even if the error was not returned.
func (r *Reading) Failed() bool { return r.failed.Load() }

func readingOf(ctx context.Context) *Reading {
	reading, _ := ctx.Value(readingKey{}).(*Reading)
	return reading
}

// db returns the pool that a context reads from.
func (s *Store) db(ctx context.Context) *sharedPool {
	if reading := readingOf(ctx); reading != nil {
		return reading.replica.pool
	}
	return s.pool
}

// readLimit returns a context with the time limit of one read. A read from a replica has a
// shorter limit, so that there is time left for the primary, and ends when the replica is
// marked down.
func (s *Store) readLimit(ctx context.Context) (limited context.Context, end func()) {
	reading := readingOf(ctx)
	if reading == nil {
		return s.limit(ctx, s.timeout)
	}
	limit := s.timeout / 2
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	stop := context.AfterFunc(reading.alive, cancel) // alive also ends when the store is closed
	return limited, func() {
		stop()
		cancel()
	}
}

// noteReadError records that a read from a replica failed, unless its caller ended it. If
// the connection failed, it marks the replica down. It returns err.
func noteReadError(ctx context.Context, err error) error {
	if reading := readingOf(ctx); reading != nil && err != nil && ctx.Err() == nil {
		reading.failed.Store(true)
		if lostConnection(err) {
			reading.replica.reportFailure(err)
		}
	}
	return err
}
