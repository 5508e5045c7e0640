package store

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Reading is a call whose reads go to one replica, so that all of them see the same
// generations. If one fails, the call is to be made again without.
type Reading struct {
	replica *replica
	alive   context.Context // ends when the replica is left out
	failed  atomic.Bool
}

type readingKey struct{}

// OnReplica returns a context whose reads go to a replica, if there is one that has
// replayed the log up to a position, or for position 0, one within
// Config.ReplicaMaxLag. The reading is nil if there is none: reads go to the primary.
func (s *Store) OnReplica(ctx context.Context, least Position) (context.Context, *Reading) {
	r, alive := s.replicas.choose(ctx, least)
	if r == nil {
		return ctx, nil
	}
	reading := &Reading{replica: r, alive: alive}
	return context.WithValue(ctx, readingKey{}, reading), reading
}

// Failed reports whether a read failed, whatever became of its error.
func (r *Reading) Failed() bool { return r.failed.Load() }

func readingOf(ctx context.Context) *Reading {
	reading, _ := ctx.Value(readingKey{}).(*Reading)
	return reading
}

// db returns the pool that a context reads from.
func (s *Store) db(ctx context.Context) *pgxpool.Pool {
	if reading := readingOf(ctx); reading != nil {
		return reading.replica.pool
	}
	return s.pool
}

// readLimit bounds one read. One of a replica leaves time for the primary, and ends if
// the replica is left out meanwhile.
func (s *Store) readLimit(ctx context.Context) (limited context.Context, end func()) {
	reading := readingOf(ctx)
	if reading == nil {
		return context.WithTimeout(ctx, s.timeout)
	}
	limit := s.timeout / 2
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	stop := context.AfterFunc(reading.alive, cancel)
	return limited, func() {
		stop()
		cancel()
	}
}

// judged notes what a read of a replica failed of, unless its caller ended it, and
// leaves the replica out if it is the connection.
func judged(ctx context.Context, err error) error {
	if reading := readingOf(ctx); reading != nil && err != nil && ctx.Err() == nil {
		reading.failed.Store(true)
		if lostConnection(err) {
			reading.replica.report(err)
		}
	}
	return err
}
