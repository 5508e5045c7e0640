package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Neighbours returns, for each hit in order, up to n passages before it and up to n after
// it, of all kinds, in document order. It returns none for a hit whose document has been
// replaced since it was read.
func (s *Store) Neighbours(ctx context.Context, sp space.Space, hits []document.Hit, n int) ([][]document.Passage, error) {
	var q query
	q.text = fmt.Sprintf(`SELECT hit.place, %s
		FROM %s
		JOIN passages p ON p.collection_id = %s AND p.document_id = hit.document_id
			AND p.ordinal BETWEEN hit.ordinal - %[4]s AND hit.ordinal + %[4]s AND p.ordinal <> hit.ordinal
		ORDER BY hit.place, p.ordinal`, passageColumns, unchangedHits(&q, sp.Collection, hits), q.arg(sp.Collection), q.arg(int32(n)))
	list := make([][]document.Passage, len(hits))
	var (
		place int
		p     document.Passage
	)
	err := s.forEach(ctx, keyLookup, q, append([]any{&place}, passageTargets(&p)...), func() {
		list[place-1] = append(list[place-1], p)
	})
	return list, err
}
