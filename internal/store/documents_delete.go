package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
)

// CountDocuments returns how many documents of a collection match a filter, and the ids of
// the first ones, at most sample. It returns document.ErrNotFound if there is no such
// collection.
func (s *Store) CountDocuments(ctx context.Context, collection string, f document.Filter, sample int) (n int64, ids []string, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		if ids, err = documentIDs(ctx, s.pool, collection, f, "", sample); err != nil {
			return err
		}
		var q query
		selectDocuments(&q, collection, f)
		return s.pool.QueryRow(ctx, "SELECT count(*) FROM documents d WHERE "+q.conditions(), q.args...).Scan(&n)
	})
	return n, ids, err
}

// DeleteDocuments removes the documents of a collection that match a filter, in several
// transactions. It returns how many it removed, even if it fails. A document that is
// written during the call may remain. It returns document.ErrNotFound if there is no such
// collection.
func (s *Store) DeleteDocuments(ctx context.Context, collection string, f document.Filter) (n int64, err error) {
	for after := ""; ; {
		var ids []string
		err := s.read(ctx, func(ctx context.Context) error {
			ids, err = documentIDs(ctx, s.pool, collection, f, after, removedDocuments)
			return err
		})
		if err != nil || len(ids) == 0 {
			return n, err
		}
		after = ids[len(ids)-1]
		var removed []string
		err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
			removed, err = deleteDocuments(ctx, tx, collection, f, ids)
			return err
		})
		if err != nil {
			return n, err
		}
		n += int64(len(removed))
	}
}

// documentIDs returns the first limit ids after the given one that pass a filter.
func documentIDs(ctx context.Context, db querier, collection string, f document.Filter, after string, limit int) (ids []string, err error) {
	var exists bool
	if err := db.QueryRow(ctx, "SELECT true FROM collections WHERE collection_id = $1", collection).Scan(&exists); err != nil {
		return nil, notFound(err, document.CollectionName(collection))
	}
	var q query
	selectDocuments(&q, collection, f)
	q.where("d.document_id > " + q.arg(after))
	rows, err := db.Query(ctx, "SELECT d.document_id FROM documents d WHERE "+q.conditions()+
		" ORDER BY d.document_id LIMIT "+q.arg(limit), q.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// selectDocuments adds the conditions on documents d that select those of a collection
// that pass a filter.
func selectDocuments(q *query, collection string, f document.Filter) {
	owner := q.arg(collection)
	q.where("d.collection_id = " + owner)
	q.where(liveDocument(owner))
	filterDocuments(q, f)
}

// deleteDocuments removes those of the given documents that exist and still match the
// filter, with all their data. It returns their ids. ids must be sorted.
func deleteDocuments(ctx context.Context, tx pgx.Tx, collection string, f document.Filter, ids []string) (found []string, err error) {
	if err := lockDocuments(ctx, tx, collection, ids); err != nil {
		return nil, err
	}
	tables, err := lockTables(ctx, tx, collection)
	if err != nil {
		return nil, err
	}
	terms, err := termsTable(ctx, tx, collection)
	if err != nil {
		return nil, err
	}
	// The rows are locked first, in order. This waits for a builder that is copying them.
	var q query
	selectDocuments(&q, collection, f)
	q.where("d.document_id = ANY(" + q.arg(ids) + ")")
	rows, err := tx.Query(ctx, "SELECT d.document_id FROM documents d WHERE "+q.conditions()+" ORDER BY d.document_id FOR UPDATE OF d", q.args...)
	if err != nil {
		return nil, err
	}
	if found, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(found) == 0 {
		return nil, err
	}
	batch := &pgx.Batch{}
	batch.Queue("DELETE FROM documents WHERE collection_id = $1 AND document_id = ANY($2)", collection, found)
	for _, table := range tables {
		batch.Queue("DELETE FROM "+quoteTable(table)+" WHERE document_id = ANY($1)", found)
	}
	queueTermRemoval(batch, terms, found)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("delete documents: %w", err)
	}
	return found, nil
}
