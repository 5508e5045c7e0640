package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// claimedDocuments and claimedPassages bound one claim, so that several workers share the
// queue. A single document may have more passages.
const (
	claimedDocuments = 64
	claimedPassages  = 500
)

// claimedRows selects the rows of a claim. It skips locked rows. Whoever locks rows of the
// queue for more than a moment has locked their documents first, so a locked row belongs to
// a document that is being written.
const claimedRows = `(SELECT collection_id, document_id FROM embedding_queue WHERE claim = $1 AND ($2::text[] IS NULL OR document_id = ANY($2))
	FOR UPDATE SKIP LOCKED)`

// queueWaiting adds two statements to a batch. One adds renewed documents without vectors to
// embedding_queue. The other removes those that have vectors now.
func (g *group) queueWaiting(batch *pgx.Batch, renewed []*member) {
	var waiting, embedded []string
	for _, m := range renewed {
		switch {
		case m.windows[g.spaces[0].ID] == nil:
			waiting = append(waiting, m.Document.ID)
			m.out.Document.IndexState = document.IndexPending
		case m.before.queued != nil:
			embedded = append(embedded, m.Document.ID)
		}
	}
	if len(waiting) > 0 {
		batch.Queue(`INSERT INTO embedding_queue (collection_id, document_id, enqueue_time, due_time)
			SELECT $1, id, statement_timestamp(), statement_timestamp() FROM unnest($2::text[]) WITH ORDINALITY AS d(id, place) ORDER BY place
			ON CONFLICT (collection_id, document_id) DO UPDATE SET
				enqueue_time = excluded.enqueue_time, due_time = excluded.due_time, claim = '', failures = 0, error = NULL`, g.collection, waiting)
	}
	if len(embedded) > 0 {
		batch.Queue("DELETE FROM embedding_queue WHERE collection_id = $1 AND document_id = ANY($2)", g.collection, embedded)
	}
}

// ClaimDocuments gives a worker the first documents of one collection that are due to be
// embedded, until the lease ends. The claim is empty if none are due. Collections in
// resting are skipped. last is the collection that had the previous turn. It is chosen only
// if no other collection waits.
func (s *Store) ClaimDocuments(ctx context.Context, claim string, lease time.Duration, resting []string, last string) (c document.Claim, err error) {
	c.ID = claim
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT o.collection_id FROM collections o CROSS JOIN LATERAL (
				SELECT q.due_time FROM embedding_queue q JOIN documents d USING (collection_id, document_id)
				WHERE q.collection_id = o.collection_id AND d.incarnation = o.incarnation AND q.error IS NULL AND q.due_time <= now()
				ORDER BY q.due_time LIMIT 1) first
			WHERE ($1::text[] IS NULL OR o.collection_id <> ALL($1)) ORDER BY o.collection_id = $2, first.due_time LIMIT 1`, resting, last).Scan(&c.Collection)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `WITH due AS MATERIALIZED (
				SELECT q.document_id, d.passage_count, q.due_time FROM embedding_queue q JOIN documents d USING (collection_id, document_id)
				WHERE q.collection_id = $1 AND q.error IS NULL AND q.due_time <= now() AND `+liveDocument("$1")+`
				ORDER BY q.due_time, q.document_id LIMIT $2 FOR UPDATE OF q SKIP LOCKED),
			placed AS (SELECT document_id, sum(passage_count) OVER (ORDER BY due_time, document_id) - passage_count AS before FROM due)
			UPDATE embedding_queue q SET claim = $3, due_time = now() + $4::interval FROM placed
			WHERE q.collection_id = $1 AND q.document_id = placed.document_id AND placed.before < $5
			RETURNING q.document_id`, c.Collection, claimedDocuments, claim, lease, claimedPassages)
		if err != nil {
			return err
		}
		c.Documents, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	slices.Sort(c.Documents)
	return c, err
}

// KeepClaim extends a claim by another lease.
func (s *Store) KeepClaim(ctx context.Context, claim string, lease time.Duration) error {
	return s.read(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, `UPDATE embedding_queue SET due_time = now() + $3::interval WHERE (collection_id, document_id) IN `+claimedRows,
			claim, nil, lease)
		return err
	})
}

// ReleaseClaim makes the remaining documents of a claim due again after a pause. Documents
// that are complete in the active space by now leave the queue instead.
func (s *Store) ReleaseClaim(ctx context.Context, claim string, pause time.Duration) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`DELETE FROM embedding_queue q USING documents d, spaces s WHERE q.claim = $1
			AND (d.collection_id, d.document_id) = (q.collection_id, q.document_id) AND s.collection_id = q.collection_id AND s.state = 'ACTIVE'
			AND NOT `+lacksDocument+` AND (q.collection_id, q.document_id) IN `+claimedRows, claim, nil)
		batch.Queue(`UPDATE embedding_queue SET claim = '', due_time = now() + $3::interval WHERE (collection_id, document_id) IN `+claimedRows,
			claim, nil, pause)
		return tx.SendBatch(ctx, batch).Close()
	})
}

// AddClaimed is like AddWindows, for the active space and documents of a claim. Documents
// that are complete then leave the queue, unless none of their windows has a vector.
func (s *Store) AddClaimed(ctx context.Context, sp space.Space, claim string, list []document.WindowsToAdd) (changed []string, err error) {
	const claimed = `s.state = 'ACTIVE' AND EXISTS (SELECT FROM embedding_queue q
		WHERE (q.collection_id, q.document_id, q.claim) = (s.collection_id, u.id, $2) AND q.error IS NULL)`
	return s.addWindows(ctx, sp, list, claimed, claim, func(batch *pgx.Batch, ids []string) {
		batch.Queue("DELETE FROM embedding_queue WHERE collection_id = $1 AND document_id = ANY($2)", sp.Collection, ids)
		queueFailed(batch, sp, ids)
	})
}

// FailDocument records that a claimed document failed although the model server works, and
// the reason. After the given number of failures the document has failed permanently.
// Before that, it is due again after pause times the number of its failures.
func (s *Store) FailDocument(ctx context.Context, claim, id, reason string, times int, pause time.Duration) error {
	return s.read(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, `UPDATE embedding_queue SET claim = '', failures = failures + 1,
				error = CASE WHEN failures + 1 >= $4 THEN $3 END, due_time = now() + $5::interval * (failures + 1)
			WHERE (collection_id, document_id) IN `+claimedRows, claim, []string{id}, reason, times, pause)
		return err
	})
}
