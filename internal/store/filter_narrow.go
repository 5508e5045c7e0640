package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// narrowedDocuments bounds the documents that Narrow returns.
const narrowedDocuments = 1_000

// Narrow replaces the conditions of a filter that need columns of documents by the ids of
// the documents that meet them, if these are at most narrowedDocuments. A search then tests
// the conditions once, instead of in each of its statements, and Postgres knows how few
// passages match. possible is false if no document meets them. See STORE-27.
func (s *Store) Narrow(ctx context.Context, sp space.Space, f document.Filter) (narrowed document.Filter, possible bool, err error) {
	if !f.OnDocuments() {
		return f, true, nil
	}
	var (
		q   query
		id  string
		ids []string
	)
	q.where("d.collection_id = " + q.arg(sp.Collection))
	filterShared(&q, f, "d.")
	filterFields(&q, f)
	q.text = fmt.Sprintf("SELECT d.document_id FROM documents d WHERE %s LIMIT %d", q.conditions(), narrowedDocuments+1)
	if err := s.forEach(ctx, fastPlan, q, []any{&id}, func() { ids = append(ids, id) }); err != nil || len(ids) > narrowedDocuments {
		return f, true, err
	}
	f.Metadata, f.Conditions, f.Documents = nil, nil, ids
	return f, len(ids) > 0, nil
}
