package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// crowdedFor is how long no connection is opened after Postgres refused one for lack of
	// room.
	crowdedFor = 250 * time.Millisecond
	// idlePause is the time between two looks for an idle connection.
	idlePause = 2 * time.Millisecond
)

// sharedPool is a pool of connections to a server that others use too. If they leave it room for fewer
// connections than the pool may have, statements wait for those that it has. A pgxpool.Pool would
// fail instead, because it opens a connection for each statement that finds no idle one.
type sharedPool struct {
	*pgxpool.Pool
	refused atomic.Pointer[time.Time] // when Postgres last had no room for a connection
}

// Acquire is like pgxpool.Pool.Acquire.
func (p *sharedPool) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	return withRoom(ctx, p, func() (*pgxpool.Conn, error) { return p.Pool.Acquire(ctx) })
}

// BeginTx is like pgxpool.Pool.BeginTx.
func (p *sharedPool) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	return withRoom(ctx, p, func() (pgx.Tx, error) { return p.Pool.BeginTx(ctx, options) })
}

// Exec is like pgxpool.Pool.Exec.
func (p *sharedPool) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return withRoom(ctx, p, func() (pgconn.CommandTag, error) { return p.Pool.Exec(ctx, sql, args...) })
}

// Query is like pgxpool.Pool.Query.
func (p *sharedPool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return withRoom(ctx, p, func() (pgx.Rows, error) { return p.Pool.Query(ctx, sql, args...) })
}

// QueryRow is like pgxpool.Pool.QueryRow, but sends the query when the row is scanned.
func (p *sharedPool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return waitingRow(func(values ...any) error {
		_, err := withRoom(ctx, p, func() (struct{}, error) { return struct{}{}, p.Pool.QueryRow(ctx, sql, args...).Scan(values...) })
		return err
	})
}

// waitingRow is a pgx.Row.
type waitingRow func(values ...any) error

// Scan implements pgx.Row.
func (r waitingRow) Scan(values ...any) error { return r(values...) }

// SendBatch is like pgxpool.Pool.SendBatch.
func (p *sharedPool) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return failedBatch{err: err}
	}
	return &sentBatch{conn.SendBatch(ctx, batch), conn}
}

// sentBatch is a batch with its connection.
type sentBatch struct {
	pgx.BatchResults
	conn *pgxpool.Conn
}

// Close gives the connection back.
func (b *sentBatch) Close() error {
	defer b.conn.Release() // does nothing the second time
	return b.BatchResults.Close()
}

// failedBatch is a batch without a connection. Callers of sharedPool.SendBatch only close it.
type failedBatch struct {
	pgx.BatchResults
	err error
}

// Close implements pgx.BatchResults.
func (b failedBatch) Close() error { return b.err }

// withRoom calls a function that needs a connection, when there is one or room for one.
func withRoom[T any](ctx context.Context, p *sharedPool, call func() (T, error)) (T, error) {
	for {
		attempt := p.await(ctx)
		result, err := call()
		switch {
		case hasNoRoom(err) && p.hasOthers(ctx):
			now := time.Now()
			p.refused.Store(&now)
			continue
		case err == nil && attempt != nil:
			p.refused.CompareAndSwap(attempt, nil)
		}
		return result, err
	}
}

// await waits for an idle connection if Postgres had no room for another one. Once in crowdedFor
// it lets one caller try to open one, and returns the time of that attempt.
func (p *sharedPool) await(ctx context.Context) (attempt *time.Time) {
	for {
		refused := p.refused.Load()
		if refused == nil || p.Stat().IdleConns() > 0 || !p.inUse() {
			return nil
		}
		if now := time.Now(); now.Sub(*refused) >= crowdedFor && p.refused.CompareAndSwap(refused, &now) {
			return &now
		}
		if !pause(ctx) {
			return nil
		}
	}
}

// hasOthers reports whether the pool has connections to wait for. It waits briefly for those that
// are being opened.
func (p *sharedPool) hasOthers(ctx context.Context) bool {
	for end := time.Now().Add(crowdedFor); !p.inUse(); {
		if p.Stat().ConstructingConns() == 0 || time.Now().After(end) || !pause(ctx) {
			return false
		}
	}
	return ctx.Err() == nil
}

// pause waits for idlePause. It returns false if ctx ends.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(idlePause):
		return true
	case <-ctx.Done():
		return false
	}
}

// inUse reports whether the pool has open connections.
func (p *sharedPool) inUse() bool {
	stat := p.Stat()
	return stat.AcquiredConns()+stat.IdleConns() > 0
}

// hasNoRoom reports whether Postgres refused a connection because it, or the role or database, has
// as many as it may have.
func hasNoRoom(err error) bool {
	const tooManyConnections = "53300"
	var (
		connecting *pgconn.ConnectError
		pg         *pgconn.PgError
	)
	return errors.As(err, &connecting) && errors.As(err, &pg) && pg.Code == tooManyConnections
}
