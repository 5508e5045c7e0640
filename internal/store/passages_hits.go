package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Hits returns the given passages in the order of keys. Each has its document, its
// similarity to vector, and its sentences that are nearest to centred. vector is the
// query's vector as the model made it; without it, the similarity is 0. centred is the same
// vector after centring; without it, there are no sentences. Passages that were deleted are
// left out.
func (s *Store) Hits(ctx context.Context, sp space.Space, vector, centred []float32, keys []document.PassageKey) (hits []document.Hit, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	read := hitsRead{}
	err = s.read(ctx, func(ctx context.Context) error {
		return s.send(ctx, keyLookup, read.statements(sp, vector, centred, keys)...)
	})
	return read.withSentences(), err
}

// hitsRead holds the results of the statements that read hits.
type hitsRead struct {
	hits []document.Hit
	near nearSentences
}

func (r *hitsRead) statements(sp space.Space, vector, centred []float32, keys []document.PassageKey) []statement {
	list := []statement{hitsStatement(sp, vector, keys, &r.hits)}
	if centred != nil {
		list = append(list, r.near.statement(sp, centred, keys))
	}
	return list
}

func (r *hitsRead) withSentences() []document.Hit {
	for i := range r.hits {
		r.hits[i].Nearest = r.near.nearestTo(r.hits[i])
	}
	return r.hits
}

// hitsStatement returns the statement that reads hits.
func hitsStatement(sp space.Space, vector []float32, keys []document.PassageKey, hits *[]document.Hit) statement {
	var q query
	similarity := "0::float8"
	if vector != nil {
		similarity = fmt.Sprintf(`coalesce((SELECT -min(v.embedding <#> %s) FROM %s v
			WHERE v.document_id = p.document_id AND v.ordinal = p.ordinal AND v.role = %d), 0)`,
			q.arg(vectorValue(vector)), quoteTable(sp.VectorTable), document.RolePassage)
	}
	q.text = fmt.Sprintf(`SELECT %s, %s, %s
		FROM %s WITH ORDINALITY AS k(document_id, ordinal, place)
		JOIN passages p ON p.collection_id = %s AND p.document_id = k.document_id AND p.ordinal = k.ordinal
		JOIN documents d ON d.collection_id = p.collection_id AND d.document_id = p.document_id
		ORDER BY k.place`, similarity, passageColumns, documentColumns, unnestKeys(&q, keys), q.arg(sp.Collection))
	return statement{q, func(rows pgx.Rows) (err error) {
		*hits, err = pgx.AppendRows(make([]document.Hit, 0, len(keys)), rows, func(row pgx.CollectableRow) (h document.Hit, err error) {
			h.Document.Collection = sp.Collection
			ofDocument, finish := documentTargets(&h.Document)
			err = row.Scan(slices.Concat([]any{&h.Similarity}, passageTargets(&h.Passage), ofDocument)...)
			finish()
			return h, err
		})
		return err
	}}
}
