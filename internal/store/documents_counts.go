package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	// foldedCounts bounds the rows of document_counts that one transaction replaces.
	foldedCounts = 5_000
	// countedCollections bounds the collections whose counts are folded in one round.
	countedCollections = 1_000
)

// countsOfCollection is a subquery that sums the documents and passages of the collection c.
const countsOfCollection = `(SELECT coalesce(sum(n.documents), 0)::bigint AS documents, coalesce(sum(n.passages), 0)::bigint AS passages
	FROM document_counts n WHERE (n.collection_id, n.incarnation) = (c.collection_id, c.incarnation))`

// foldDocumentCounts replaces the count rows of each collection, deleted ones included, by
// one row with their sum. A reader sees either the rows or the sum. Nobody waits: rows that
// another server is replacing are skipped.
func (s *Store) foldDocumentCounts(ctx context.Context) error {
	type owner struct {
		collection  string
		incarnation int64
	}
	var owners []owner
	err := s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, `SELECT collection_id, incarnation FROM document_counts
			GROUP BY collection_id, incarnation HAVING count(*) > 1 OR bool_and(documents = 0 AND passages = 0) LIMIT $1`, countedCollections)
		if err != nil {
			return err
		}
		owners, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o owner, err error) {
			err = row.Scan(&o.collection, &o.incarnation)
			return o, err
		})
		return err
	})
	for _, o := range owners {
		for folded := int64(foldedCounts); folded == foldedCounts; {
			if err != nil {
				return err
			}
			err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
				return tx.QueryRow(ctx, `WITH folded AS (
						DELETE FROM document_counts WHERE change IN (SELECT change FROM document_counts
							WHERE (collection_id, incarnation) = ($1, $2) ORDER BY change LIMIT $3 FOR UPDATE SKIP LOCKED)
						RETURNING documents, passages),
					summed AS (
						INSERT INTO document_counts (collection_id, incarnation, documents, passages)
						SELECT $1, $2, sum(documents), sum(passages) FROM folded HAVING sum(documents) <> 0 OR sum(passages) <> 0)
					SELECT count(*) FROM folded`, o.collection, o.incarnation, foldedCounts).Scan(&folded)
			})
		}
	}
	return err
}
