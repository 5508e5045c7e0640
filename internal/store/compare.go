package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// PassageVectors returns the centred vectors of the given passages. For a passage in
// several pieces it is that of the first piece. Passages that are gone are left out.
func (s *Store) PassageVectors(ctx context.Context, sp space.Space, keys []document.PassageKey) (map[document.PassageKey][]float32, error) {
	var q query
	q.text = fmt.Sprintf(`SELECT document_id, ordinal, %[1]s FROM %[2]s k(document_id, ordinal) JOIN %[3]s v USING (document_id, ordinal) WHERE %[1]s IS NOT NULL`,
		firstPiece, unnestKeys(&q, keys), quoteTable(sp.Calibration.CentredTable))
	found, err := byPassage[pgvector.HalfVector](ctx, s, q, len(keys))
	vectors := make(map[document.PassageKey][]float32, len(found))
	for key, v := range found {
		vectors[key] = v.Slice()
	}
	return vectors, err
}

// byPassage runs a query whose rows are a document id, an ordinal and a value, and
// returns the values by passage.
func byPassage[T any](ctx context.Context, s *Store, q query, most int) (found map[document.PassageKey]T, err error) {
	found = make(map[document.PassageKey]T, most)
	if most == 0 {
		return found, nil
	}
	err = s.readRows(ctx, keyed, q, func(rows pgx.Rows) error {
		var key document.PassageKey
		for rows.Next() {
			var of T
			if err := rows.Scan(&key.Document, &key.Ordinal, &of); err != nil {
				return err
			}
			found[key] = of
		}
		return rows.Err()
	})
	return found, err
}
