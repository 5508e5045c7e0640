package store

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// maxWindowsEach is how many windows of a passage are returned. At most two windows overlap
// the nearest one. So if a passage has windows that do not overlap the nearest one, at
// least one of them is returned.
const maxWindowsEach = 4

// versioned identifies a passage in one version of a document.
type versioned struct {
	document.PassageKey
	etag string
}

// nearSentences maps passages to their windows of two sentences, with the similarities to a
// centred vector.
type nearSentences map[versioned][]document.Sentences

// statement returns the statement that reads the windows of the given passages.
func (n *nearSentences) statement(sp space.Space, vector []float32, keys []document.PassageKey) statement {
	// The vectors of a passage's sentences are in the order of its windows. The joins are
	// in the best order (see keyLookup).
	var q query
	q.text = fmt.Sprintf(`SELECT d.document_id, v.ordinal, d.etag, -(v.sentences[r.nth] <#> %[1]s), r.start_point, r.end_point, r.start_byte, r.end_byte
		FROM %[2]s hit(document_id, ordinal)
		JOIN documents d ON d.collection_id = %[6]s AND d.document_id = hit.document_id
		JOIN %[3]s v ON v.document_id = hit.document_id AND v.ordinal = hit.ordinal
		JOIN LATERAL (SELECT start_point, end_point, start_byte, end_byte, row_number() OVER (PARTITION BY document_id, ordinal ORDER BY window_number) AS nth
			FROM %[4]s r WHERE r.document_id = v.document_id AND r.ordinal = v.ordinal AND r.role = %[5]d) r ON r.nth <= cardinality(v.sentences)`,
		q.arg(centredValue(vector)), unnestKeys(&q, keys), quoteTable(sp.Calibration.CentredTable),
		quoteTable(sp.VectorTable), document.RoleSentences, q.arg(sp.Collection))
	*n = make(nearSentences, len(keys))
	var (
		of versioned
		w  document.Sentences
	)
	return scanEach(q, []any{&of.Document, &of.Ordinal, &of.etag, &w.Similarity, &w.Range.Start, &w.Range.End, &w.Range.StartByte, &w.Range.EndByte}, func() {
		(*n)[of] = append((*n)[of], w)
	})
}

// nearestTo returns the nearest windows of a hit, best first, at most four. It returns none
// if the passage has at most two sentences, or if it has been replaced since it was read,
// because then the ranges would refer to another text.
func (n nearSentences) nearestTo(h document.Hit) []document.Sentences {
	return nearestWindows(n[versioned{h.Key(), h.Document.ETag}])
}

// nearestWindows returns the nearest windows. It returns windows of the same sentences only
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
	return windows[:min(maxWindowsEach, len(windows))]
}

// unchangedHits returns the SQL of a table hit(place, document_id, ordinal) with the hits
// whose documents have not changed since they were read. place is the position of the hit,
// from 1.
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
