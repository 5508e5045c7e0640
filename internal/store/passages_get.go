package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/accord-search/accord/internal/document"
)

// GetPassages returns the given passages of a collection that exist. It returns at least
// one of them, and more as long as their texts together have at most maxBytes. complete
// reports whether it returned all that exist.
func (s *Store) GetPassages(ctx context.Context, collection string, keys []document.PassageKey, maxBytes int) (found map[document.PassageKey]document.Passage, complete bool, err error) {
	var (
		q    query
		id   string
		p    document.Passage
		size int
	)
	keys = distinct(keys) // so that one large passage is not read many times
	q.text = fmt.Sprintf(`SELECT p.document_id, %s FROM %s k(document_id, ordinal)
		JOIN passages p ON p.collection_id = %s AND p.document_id = k.document_id AND p.ordinal = k.ordinal`,
		passageColumns, unnestKeys(&q, keys), q.arg(collection))
	found, complete = make(map[document.PassageKey]document.Passage, len(keys)), true
	err = s.forEach(ctx, keyLookup, q, append([]any{&id}, passageTargets(&p)...), func() {
		if size += len(p.Text); size > maxBytes && len(found) > 0 {
			complete = false
			return
		}
		found[document.PassageKey{Document: id, Ordinal: p.Ordinal}] = p
	})
	return found, complete, err
}

func distinct(keys []document.PassageKey) []document.PassageKey {
	set := make(map[document.PassageKey]bool, len(keys))
	for _, k := range keys {
		set[k] = true
	}
	return slices.Collect(maps.Keys(set))
}
