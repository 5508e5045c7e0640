package store

import (
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// queuedColumn is what the queue says of a document d: NULL if nothing, empty if it
// waits to be embedded, otherwise why that failed.
const queuedColumn = `(SELECT coalesce(q.error, '') FROM embedding_queue q WHERE (q.collection_id, q.document_id) = (d.collection_id, d.document_id))`

// lacksWindows is that the active space has no vectors of windows of a document d, for
// good.
const lacksWindows = `EXISTS (SELECT FROM failed_windows f JOIN indexed_documents i USING (collection_id, document_id, space_id)
	JOIN spaces s USING (collection_id, space_id, incarnation)
	WHERE (f.collection_id, f.document_id) = (d.collection_id, d.document_id) AND s.state = 'ACTIVE')`

// indexColumns follow documentColumns, and are what indexState takes.
const indexColumns = ", " + queuedColumn + ", " + lacksWindows

// mayRetry is that a document d failed as a whole or in part, and does not wait.
const mayRetry = "CASE WHEN " + queuedColumn + " IS NULL THEN " + lacksWindows + " ELSE " + queuedColumn + " <> '' END"

// indexedTargets is documentTargets with indexColumns.
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

// indexState returns the state of a document by what the queue says of it, and by
// whether windows of it have no vector.
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

// describe says of a member that is written with windows for the active space what
// these windows say of its state.
func (m *member) describe(rows []document.PlacedWindow) {
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

// queueFailed queues the statement that notes which of some documents, of all if ids
// are nil, a space holds without a single vector, with the first failure as failureText
// writes it.
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
