package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pingLock is how long a check waits for a lock. It is shorter than Postgres's
// deadlock_timeout, so that a check never ends another transaction.
const pingLock = 500 * time.Millisecond

// sharedTables are the tables that all searches read and all writes change.
const sharedTables = "collections, documents, passages"

// Ping checks that Postgres answers, has the schema of this binary, lets its tables be read, and
// has a connection for calls. A later schema is accepted if an earlier Ping saw that of this
// binary, so that running servers still work during a rolling upgrade.
func (s *Store) Ping(ctx context.Context) error {
	err := s.ping(ctx, func(ctx context.Context, tx pgx.Tx) error { return lockShared(ctx, tx, "ACCESS SHARE") })
	s.locked.checked(err)
	return err
}

// PingWrites checks what Ping checks, and that Postgres accepts writes. It fails for a hot
// standby, for a server whose disk was full a moment ago, and for locked tables.
func (s *Store) PingWrites(ctx context.Context) error {
	if s.disk.full() {
		return fmt.Errorf("%w: its disk is full", ErrUnavailable)
	}
	return s.ping(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var readOnly bool
		if err := tx.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly); err != nil {
			return err
		}
		if readOnly {
			// Another server may be the primary now, at the same address.
			s.probe.Reset()
			return fmt.Errorf("%w: it accepts only reads now", ErrUnavailable)
		}
		return lockShared(ctx, tx, "ROW EXCLUSIVE")
	})
}

// ping checks the connections and the schema, and then runs check in a transaction.
func (s *Store) ping(ctx context.Context, check func(context.Context, pgx.Tx) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		if err := s.checkPool(ctx); err != nil {
			return err
		}
		if err := s.checkFirst(ctx); err != nil {
			return err
		}
		begin := fmt.Sprintf("BEGIN; SET LOCAL lock_timeout = %d", pingLock.Milliseconds())
		return pgx.BeginTxFunc(ctx, s.probe, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error { return check(ctx, tx) })
	})
}

// checkPool checks that the pool has a connection or can open one, since the connection of the
// probe may be the last one that Postgres allows. It does not fail if all connections of the
// pool are busy.
func (s *Store) checkPool(ctx context.Context) error {
	if stat := s.pool.Stat(); stat.AcquiredConns()+stat.IdleConns() > 0 {
		return nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err == nil {
		conn.Release()
	}
	return err
}

func lockShared(ctx context.Context, tx pgx.Tx, mode string) error {
	_, err := tx.Exec(ctx, "LOCK TABLE "+sharedTables+" IN "+mode+" MODE")
	return err
}

// PingReads checks that reads can be answered: by an up-to-date replica, or by the primary
// as in Ping.
func (s *Store) PingReads(ctx context.Context) error {
	if s.replicas.usable() {
		return nil
	}
	return s.Ping(ctx)
}

// PingReplicas returns which replicas are not usable, or nil if all are.
func (s *Store) PingReplicas(context.Context) error {
	var failed []error
	for _, r := range s.replicas.list {
		failed = append(failed, s.replicas.state(r))
	}
	return errors.Join(failed...)
}

// fullFor is how long the disk counts as full after a write failed for lack of space,
// unless passages are written earlier. Only another write shows whether there is space
// again.
const fullFor = 30 * time.Second

// diskState remembers when a write last failed because the disk was full.
type diskState struct{ since atomic.Pointer[time.Time] }

// recordError notes the time if the error of a write, which may be nil, says that the disk is full.
func (d *diskState) recordError(err error) {
	const diskFull = "53100"
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == diskFull {
		now := time.Now()
		d.since.Store(&now)
	}
}

// written records that passages were written. Other writes may need no more space.
func (d *diskState) written() { d.since.Store(nil) }

func (d *diskState) full() bool {
	since := d.since.Load()
	return since != nil && time.Since(*since) < fullFor
}
