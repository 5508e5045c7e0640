package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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
	// The vectors of a passage's sentences stand in the order of its windows. Joins are
	// written in the order in which they are best made (see keyed).
	var q query
	q.text = fmt.Sprintf(`SELECT hit.place, -(v.sentences[r.nth] <#> %[1]s), r.start_point, r.end_point, r.start_byte, r.end_byte
		FROM %[2]s
		JOIN %[3]s v ON v.document_id = hit.document_id AND v.ordinal = hit.ordinal
		JOIN LATERAL (SELECT start_point, end_point, start_byte, end_byte, row_number() OVER (ORDER BY window_number) AS nth
			FROM %[4]s r WHERE r.document_id = hit.document_id AND r.ordinal = hit.ordinal AND r.role = %[5]d) r ON r.nth <= cardinality(v.sentences)`,
		q.arg(centredValue(vector)), unchangedHits(&q, sp.Collection, hits), quoteTable(sp.Calibration.CentredTable),
		quoteTable(sp.VectorTable), document.RoleSentences)
	list := make([][]document.Sentences, len(hits))
	var (
		place int
		w     document.Sentences
	)
	err := s.forEach(ctx, keyed, q, []any{&place, &w.Similarity, &w.Range.Start, &w.Range.End, &w.Range.StartByte, &w.Range.EndByte}, func() {
		list[place-1] = append(list[place-1], w)
	})
	for i, windows := range list {
		list[i] = nearestWindows(windows)
	}
	return list, err
}

// nearestWindows returns the nearest of the windows, those of the same sentences
// once.
func nearestWindows(windows []document.Sentences) []document.Sentences {
	slices.SortFunc(windows, func(a, b document.Sentences) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Range.Start, b.Range.Start))
	})
	seen := map[document.TextRange]bool{}
	windows = slices.DeleteFunc(windows, func(w document.Sentences) bool {
		again := seen[w.Range]
		seen[w.Range] = true
		return again
	})
	return windows[:min(windowsEach, len(windows))]
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
