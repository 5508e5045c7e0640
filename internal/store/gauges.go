package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/space"
)

// PoolConnections holds the numbers of connections in the pool to the primary.
type PoolConnections struct{ Acquired, Idle, Max int32 }

// PoolConnections returns the numbers of connections now.
func (s *Store) PoolConnections() PoolConnections {
	stat := s.pool.Stat()
	return PoolConnections{Acquired: stat.AcquiredConns(), Idle: stat.IdleConns(), Max: stat.MaxConns()}
}

// QueueTotals returns how many documents of all collections wait for vectors, and how many
// have failed permanently.
func (s *Store) QueueTotals(ctx context.Context) (pending, failed int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.db(ctx).QueryRow(ctx, "SELECT count(*) FILTER (WHERE error IS NULL), count(error) FROM embedding_queue").Scan(&pending, &failed)
	})
	return pending, failed, err
}

// SpaceTotals returns the number of spaces of all collections by state.
func (s *Store) SpaceTotals(ctx context.Context) (totals map[space.State]int64, err error) {
	totals = map[space.State]int64{}
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.db(ctx).Query(ctx, "SELECT state, count(*) FROM spaces GROUP BY state")
		if err != nil {
			return err
		}
		var (
			state space.State
			n     int64
		)
		_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
			totals[state] = n
			return nil
		})
		return err
	})
	return totals, err
}
