package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
)

// retriedDocuments bounds the documents that one transaction queues again.
const retriedDocuments = 500

// QueueStatus returns how many documents a collection has, how many of them wait for vectors,
// and how many have failed, wholly or in part. It also returns the first failed ones with
// their reasons, at most failures. It returns document.ErrNotFound if there is no such
// collection.
func (s *Store) QueueStatus(ctx context.Context, collection string, failures int) (st document.QueueStatus, err error) {
	err = s.inTx(ctx, pgx.ReadOnly, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := activeSpace(ctx, tx, collection); err != nil {
			return err
		}
		var oldest *time.Time
		err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM documents d WHERE d.collection_id = $1 AND `+liveDocument("$1")+`),
				count(*) FILTER (WHERE q.error IS NULL), count(q.error), min(q.enqueue_time) FILTER (WHERE q.error IS NULL),
				(SELECT count(DISTINCT f.document_id) FROM failed_windows f JOIN indexed_documents i USING (collection_id, document_id, space_id)
					JOIN spaces s USING (collection_id, space_id, incarnation) WHERE f.collection_id = $1 AND s.state = 'ACTIVE'
					AND NOT EXISTS (SELECT FROM embedding_queue q WHERE (q.collection_id, q.document_id) = (f.collection_id, f.document_id)))
			FROM embedding_queue q JOIN documents d USING (collection_id, document_id) WHERE q.collection_id = $1 AND `+liveDocument("$1"), collection).
			Scan(&st.Documents, &st.Pending, &st.Failed, &oldest, &st.Partial)
		if err != nil {
			return err
		}
		if oldest != nil {
			st.OldestPending = *oldest
		}
		rows, err := tx.Query(ctx, `SELECT q.document_id, q.error FROM embedding_queue q JOIN documents d USING (collection_id, document_id)
			WHERE q.collection_id = $1 AND q.error IS NOT NULL AND `+liveDocument("$1")+" ORDER BY q.document_id LIMIT $2", collection, failures)
		if err != nil {
			return err
		}
		st.Failures, err = pgx.CollectRows(rows, pgx.RowToStructByPos[document.FailedDocument])
		return err
	})
	return st, err
}

// RetryFailed queues the documents of a collection that have failed, wholly or in part. It
// returns their number, even if it fails. Searches use the vectors of partly failed
// documents until they have new ones. It returns document.ErrNotFound if there is no such
// collection.
func (s *Store) RetryFailed(ctx context.Context, collection string) (n int64, err error) {
	for after, more := "", true; more; {
		var retried []string
		err := s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
			ids, err := failedDocuments(ctx, tx, collection, after)
			if more = len(ids) == retriedDocuments; err != nil || len(ids) == 0 {
				return err
			}
			after = ids[len(ids)-1]
			retried, err = retryFailed(ctx, tx, collection, ids)
			return err
		})
		if err != nil {
			return n, err
		}
		n += int64(len(retried))
	}
	return n, nil
}

// failedDocuments returns the first ids, after the given one, of documents that can be
// retried.
func failedDocuments(ctx context.Context, tx pgx.Tx, collection, after string) ([]string, error) {
	sp, err := activeSpace(ctx, tx, collection)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT d.document_id FROM documents d WHERE d.collection_id = $1 AND `+liveDocument("$1")+` AND `+mayRetry+`
			AND d.document_id IN (
				SELECT document_id FROM embedding_queue WHERE collection_id = $1 AND error IS NOT NULL AND document_id > $2
				UNION SELECT document_id FROM failed_windows WHERE collection_id = $1 AND space_id = $3 AND document_id > $2)
		ORDER BY d.document_id LIMIT $4`, collection, after, sp.ID, retriedDocuments)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// retryFailed queues those of the given documents that can still be retried, and returns
// their ids. It deletes the active space's records of them, so that the space lacks them.
func retryFailed(ctx context.Context, tx pgx.Tx, collection string, ids []string) ([]string, error) {
	if err := lockDocuments(ctx, tx, collection, ids); err != nil {
		return nil, err
	}
	spaces, err := lockSpaces(ctx, tx, collection)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `INSERT INTO embedding_queue (collection_id, document_id)
		SELECT $1, d.document_id FROM documents d WHERE d.collection_id = $1 AND d.document_id = ANY($2) AND `+mayRetry+` ORDER BY d.document_id
		ON CONFLICT (collection_id, document_id) DO UPDATE SET
			enqueue_time = excluded.enqueue_time, due_time = excluded.due_time, claim = '', failures = 0, error = NULL
		RETURNING document_id`, collection, ids)
	if err != nil {
		return nil, err
	}
	retried, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, "DELETE FROM indexed_documents WHERE collection_id = $1 AND space_id = $2 AND document_id = ANY($3)",
		collection, spaces[0].ID, retried)
	return retried, err
}
