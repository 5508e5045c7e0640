package store

import (
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// queuedColumn is the state in the queue of a document d: NULL if the document is not
// queued, empty if it waits to be embedded, and otherwise the reason of its failure.
const queuedColumn = `(SELECT coalesce(q.error, '') FROM embedding_queue q WHERE (q.collection_id, q.document_id) = (d.collection_id, d.document_id))`

// lacksWindows is a condition on documents d: the active space has permanently failed to
// embed a window of the document.
const lacksWindows = `EXISTS (SELECT FROM failed_windows f JOIN indexed_documents i USING (collection_id, document_id, space_id)
	JOIN spaces s USING (collection_id, space_id, incarnation)
	WHERE (f.collection_id, f.document_id) = (d.collection_id, d.document_id) AND s.state = 'ACTIVE')`

// indexColumns are selected after documentColumns. Their values are the arguments of
// indexState.
const indexColumns = ", " + queuedColumn + ", " + lacksWindows

// mayRetry is a condition on documents d: the document has failed, wholly or in part, and
// is not waiting.
const mayRetry = "CASE WHEN " + queuedColumn + " IS NULL THEN " + lacksWindows + " ELSE " + queuedColumn + " <> '' END"

// indexedTargets returns the scan targets of documentColumns and indexColumns.
func indexedTargets(d *document.Document) (targets []any, finish func()) {
	var (
		queued *string
		lacks  bool
	)
	targets, describe := documentTargets(d)
	return append(targets, &queued, &lacks), func() {
		describe()
		d.IndexState, d.IndexError = indexState(queued, lacks)
	}
}

// indexState returns the state of a document. queued is the value of queuedColumn; lacks
// reports whether a window has no vector.
func indexState(queued *string, lacks bool) (state document.IndexState, reason string) {
	switch {
	case queued == nil && lacks:
		return document.IndexPartial, ""
	case queued == nil:
		return document.IndexComplete, ""
	case *queued == "":
		return document.IndexPending, ""
	}
	return document.IndexFailed, *queued
}

// setIndexState sets the state of a document that is written with windows for the active
// space.
func (m *member) setIndexState(rows []document.PlacedWindow) {
	d, lacking := &m.out.Document, 0
	for _, w := range rows {
		if w.Failure != nil {
			lacking++
		}
	}
	d.Failures = failuresOf(rows)
	switch {
	case lacking == 0:
		d.IndexState = document.IndexComplete
	case lacking < len(rows):
		d.IndexState = document.IndexPartial
	default:
		d.IndexState, d.IndexError = document.IndexFailed, failureText(d.Failures[0].Failure)
	}
}

func failureText(f document.Failure) string { return string(f.Reason) + ": " + f.Message }

// queueFailed queues the statement that records the documents for which a space has no
// vector at all, with the first failure in the format of failureText. If ids is nil, it
// covers all documents.
func queueFailed(batch *pgx.Batch, sp space.Space, ids []string) {
	batch.Queue(`INSERT INTO embedding_queue (collection_id, document_id, error)
		SELECT $1, f.document_id, f.first FROM (
			SELECT document_id, count(*) AS n, (array_agg(reason || ': ' || message ORDER BY ordinal, window_number))[1] AS first FROM failed_windows
			WHERE collection_id = $1 AND space_id = $2 AND ($3::text[] IS NULL OR document_id = ANY($3)) GROUP BY document_id) f
		JOIN spaces s ON s.collection_id = $1 AND s.space_id = $2
		JOIN indexed_documents i ON (i.collection_id, i.document_id, i.space_id, i.incarnation) = ($1, f.document_id, $2, s.incarnation)
		WHERE i.complete AND i.window_count = f.n
		ORDER BY f.document_id
		ON CONFLICT (collection_id, document_id) DO UPDATE SET error = excluded.error, claim = '', enqueue_time = excluded.enqueue_time`,
		sp.Collection, sp.ID, ids)
}
