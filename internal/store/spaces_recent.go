package store

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/space"
)

// recentSpace is the active space of a collection, as of the last read.
type recentSpace struct {
	space.Space
	row [][]byte // as Postgres sent it
}

// confirmation checks that a recent space is still active and unchanged.
type confirmation struct {
	recent recentSpace
	asked  atomic.Bool // whether a batch reads the row, or has read it
	holds  atomic.Bool
}

type confirmationKey struct{}

// RecentSpace returns the active space of a collection, as of the last read. This saves the
// round trip of ActiveSpace. The first batch of reads with the returned context also reads
// the space again. After that batch, confirmed reports whether the space is still the same.
// If not, the caller must discard the results of its reads. confirmed is nil if no space of
// the collection is known. Callers must not change the space.
func (s *Store) RecentSpace(ctx context.Context, collection string) (reads context.Context, sp space.Space, confirmed func() bool) {
	recent, known := s.recent.Get(collection)
	if !known {
		return ctx, space.Space{}, nil
	}
	c := &confirmation{recent: recent}
	return context.WithValue(ctx, confirmationKey{}, c), recent.Space, c.holds.Load
}

// activeSpaceQuery selects the active space of a collection.
func activeSpaceQuery(collection string) (q query) {
	q.text = selectSpaces + " WHERE s.collection_id = " + q.arg(collection) + " AND s.state = 'ACTIVE'"
	return q
}

// keepRecent reads the active space and remembers it.
func (s *Store) keepRecent(collection string, rows pgx.Rows) (space.Space, error) {
	read, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (read recentSpace, err error) {
		for _, value := range row.RawValues() {
			read.row = append(read.row, bytes.Clone(value))
		}
		read.Space, err = scanSpace(row)
		return read, err
	})
	if err != nil {
		s.recent.Remove(collection)
		return space.Space{}, err
	}
	s.recent.Add(collection, read)
	return read.Space, nil
}

// statement returns the statement that confirms the space, unless another batch has it.
func (c *confirmation) statement() []statement {
	if c == nil || !c.asked.CompareAndSwap(false, true) {
		return nil
	}
	return []statement{{activeSpaceQuery(c.recent.Collection), func(rows pgx.Rows) error {
		for rows.Next() {
			c.holds.Store(slices.EqualFunc(rows.RawValues(), c.recent.row, bytes.Equal))
		}
		return rows.Err()
	}}}
}
