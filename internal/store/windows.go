package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// windowsEach is how many windows of a passage are told of: no more than two
// overlap the nearest, so that where one does not, it is among these.
const windowsEach = 4

// NearestSentences returns, for each hit in their order, the windows of two
// sentences whose vectors are nearest to a centred one, best first, no more than
// four; none of a passage of no more than two sentences, and none of one that
// has been replaced since it was read.
func (s *Store) NearestSentences(ctx context.Context, sp space.Space, vector []float32, hits []document.Hit) ([][]document.Sentences, error) {
	var q query
	q.text = fmt.Sprintf(`SELECT place, similarity, start_point, end_point, start_byte, end_byte FROM (
			SELECT hit.place, r.start_point, r.end_point, r.start_byte, r.end_byte, -min(v.centred <#> %[1]s) AS similarity,
				row_number() OVER (PARTITION BY hit.place ORDER BY min(v.centred <#> %[1]s), r.start_point) AS nth
			FROM %[2]s
			JOIN %[3]s v ON v.document_id = hit.document_id AND v.ordinal = hit.ordinal AND v.role = %[4]d
			JOIN %[5]s r ON r.document_id = v.document_id AND r.ordinal = v.ordinal AND r.window_number = v.window_number
			GROUP BY hit.place, r.start_point, r.end_point, r.start_byte, r.end_byte) nearest
		WHERE nth <= %[6]d ORDER BY place, nth`,
		q.arg(vectorValue(vector)), unchangedHits(&q, sp.Collection, hits), quoteTable(sp.Calibration.CentredTable),
		document.RoleSentences, quoteTable(sp.VectorTable), windowsEach)
	list := make([][]document.Sentences, len(hits))
	var (
		place int
		w     document.Sentences
	)
	err := s.forEach(ctx, q, []any{&place, &w.Similarity, &w.Range.Start, &w.Range.End, &w.Range.StartByte, &w.Range.EndByte}, func() {
		list[place-1] = append(list[place-1], w)
	})
	return list, err
}

// unchangedHits is the table hit(place, document_id, ordinal) of those hits whose
// documents are still as they were read, counted from 1: ranges into another
// text would be wrong.
func unchangedHits(q *query, collection string, hits []document.Hit) string {
	keys, etags := make([]document.PassageKey, len(hits)), make([]string, len(hits))
	for i, h := range hits {
		keys[i], etags[i] = h.Key(), h.Document.ETag
	}
	ids, ordinals := splitKeys(keys)
	return fmt.Sprintf(`(SELECT given.place, given.document_id, given.ordinal
		FROM unnest(%s::text[], %s::integer[], %s::text[]) WITH ORDINALITY AS given(document_id, ordinal, etag, place)
		JOIN documents d ON d.collection_id = %s AND d.document_id = given.document_id AND d.etag = given.etag) hit`,
		q.arg(ids), q.arg(ordinals), q.arg(etags), q.arg(collection))
}

// forEach scans each row of an answer into targets and calls fn.
func (s *Store) forEach(ctx context.Context, q query, targets []any, fn func()) error {
	return s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, q.text, q.args...)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, targets, func() error {
			fn()
			return nil
		})
		return err
	})
}
