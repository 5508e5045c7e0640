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
// several pieces it returns the vector of the first piece. Deleted passages are left out.
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
	err = s.readRows(ctx, keyLookup, q, func(rows pgx.Rows) error {
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

// firstPiece is the SQL for the centred vector of the row v: that of the passage, or of its
// first piece if it was cut into pieces. It is NULL if there is no vector.
const firstPiece = "CASE WHEN v.pieces IS NULL THEN v.centred ELSE v.pieces[1] END"

// Likeness returns the cosines between the centred vectors of a passage and of each of the
// given ones. It compares the first piece of the passage with the nearest piece of each
// other one. Deleted passages are left out.
func (s *Store) Likeness(ctx context.Context, sp space.Space, of document.PassageKey, keys []document.PassageKey) (map[document.PassageKey]float64, error) {
	likeness := make(map[document.PassageKey]float64, len(keys))
	if len(keys) == 0 {
		return likeness, nil
	}
	var (
		q      query
		key    document.PassageKey
		cosine float64
	)
	q.text = fmt.Sprintf(`SELECT v.document_id, v.ordinal, -CASE WHEN v.pieces IS NULL THEN v.centred <#> one.piece
			ELSE (SELECT min(piece <#> one.piece) FROM unnest(v.pieces) piece) END AS likeness
		FROM (SELECT %[2]s AS piece FROM %[1]s v WHERE document_id = %[3]s AND ordinal = %[4]s) one,
			%[5]s k(document_id, ordinal) JOIN %[1]s v USING (document_id, ordinal)
		WHERE one.piece IS NOT NULL AND (v.pieces IS NULL OR v.pieces <> '{}')`,
		quoteTable(sp.Calibration.CentredTable), firstPiece, q.arg(of.Document), q.arg(of.Ordinal), unnestKeys(&q, keys))
	return likeness, s.forEach(ctx, keyLookup, q, []any{&key.Document, &key.Ordinal, &cosine}, func() { likeness[key] = cosine })
}
