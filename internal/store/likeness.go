package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// firstPiece is the vector of a passage v as a whole; for a passage in several pieces,
// that of the first one. It is NULL if there is none.
const firstPiece = "CASE WHEN v.pieces IS NULL THEN v.centred ELSE v.pieces[1] END"

// Likeness returns the cosine of the centred vectors of a passage and of each of the
// given ones. It compares the first piece of the passage with the nearest piece of each
// other one. Passages that are gone are left out.
func (s *Store) Likeness(ctx context.Context, sp space.Space, of document.PassageKey, keys []document.PassageKey) (map[document.PassageKey]float64, error) {
	likeness := make(map[document.PassageKey]float64, len(keys))
	if len(keys) == 0 {
		return likeness, nil
	}
	a := likenessOf(sp, of, keys, likeness)
	return likeness, s.readRows(ctx, keyed, a.query, a.read)
}

// LikenessAndTerms returns the Likeness of keys and the PassageTerms of all, without a
// query.
func (s *Store) LikenessAndTerms(ctx context.Context, sp space.Space, of document.PassageKey, keys, all []document.PassageKey) (map[document.PassageKey]float64, map[document.PassageKey]document.PassageTerms, error) {
	likeness, terms := make(map[document.PassageKey]float64, len(keys)), make(map[document.PassageKey]document.PassageTerms, len(all))
	err := s.read(ctx, func(ctx context.Context) error {
		return s.send(ctx, keyed, likenessOf(sp, of, keys, likeness), termsOf(sp, nil, all, terms))
	})
	return likeness, terms, err
}

// likenessStatement returns the statement that reads cosines into likeness.
func likenessOf(sp space.Space, of document.PassageKey, keys []document.PassageKey, likeness map[document.PassageKey]float64) asked {
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
	return each(q, []any{&key.Document, &key.Ordinal, &cosine}, func() { likeness[key] = cosine })
}
