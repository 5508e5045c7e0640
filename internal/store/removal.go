package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/recurring"
	"github.com/accord-search/accord/internal/space"
)

// remover deletes data of deleted collections, spaces and generations in the background:
// one table, or the rows of some documents, per transaction. Each removal has a note in the
// database. The remover locks the note until the transaction ends, so no two servers do the
// same work, and any server can continue it.
type remover struct {
	store  *Store
	wakeup chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	// removalPause is the time between checks for notes without a call of wake: notes of
	// other servers, and generations that have expired.
	removalPause = 15 * time.Second
	// removedDocuments bounds the documents that one transaction removes.
	removedDocuments = 100
)

// deadBuild and longRetired are conditions on calibrations c of spaces s, with a time limit
// as the first argument. deadBuild means that the builder of the calibration is dead,
// longRetired that no search can use the calibration any more. pendingNotes selects all
// noted removals.
const (
	deadBuild    = "(c.collection_id, c.space_id) = (s.collection_id, s.space_id) AND c.generation > s.generation AND c.heartbeat < now() - $1::interval"
	longRetired  = "(c.collection_id, c.space_id) = (s.collection_id, s.space_id) AND c.generation < s.generation AND c.retire_time < now() - $1::interval"
	pendingNotes = "SELECT removal, coalesce(table_name, ''), coalesce(collection_id, ''), coalesce(space_id, ''), coalesce(incarnation, 0) FROM removals"
)

func newRemover(s *Store) *remover {
	ctx, cancel := context.WithCancel(s.running) // ends with the reads of the store, so that their end is not logged as a failure
	r := &remover{store: s, wakeup: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	go guard.Log(s.log, "removal of deleted data", func() { r.run(ctx) })()
	return r
}

func (r *remover) close() {
	r.cancel()
	<-r.done
}

// wake makes the remover start a round soon. It never blocks.
func (r *remover) wake() {
	select {
	case r.wakeup <- struct{}{}:
	default:
	}
}

func (r *remover) run(ctx context.Context) {
	defer close(r.done)
	removing := recurring.Task{Failure: "deleted data is not removed from the database yet; will retry", Logger: r.store.log}
	for {
		removing.Note(ctx, guard.Call(func() error { return r.removePending(ctx) }))
		select {
		case <-ctx.Done():
			return
		case <-r.wakeup:
		case <-time.After(removing.Pause(removalPause)):
		}
	}
}

// removePending deletes expired generations, folds document counts, and carries out all
// noted removals. If a removal is not possible now, for example because a table is being
// read, it is left to the next round, and the others are carried out.
func (r *remover) removePending(ctx context.Context) error {
	failed := []error{r.expireGenerations(ctx), r.store.foldDocumentCounts(ctx)}
	var notes []removal
	err := r.store.read(ctx, func(ctx context.Context) error {
		rows, err := r.store.pool.Query(ctx, pendingNotes+" ORDER BY removal")
		if err != nil {
			return err
		}
		notes, err = pgx.CollectRows(rows, scanRemoval)
		return err
	})
	failed = append(failed, err)
	for _, n := range notes {
		if err := r.remove(ctx, n); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", n, err))
		}
	}
	return errors.Join(failed...)
}

// expireGenerations deletes generations that have expired or whose builder is dead, so that
// their tables are removed.
func (r *remover) expireGenerations(ctx context.Context) error {
	var dead []space.Space
	err := r.store.read(ctx, func(ctx context.Context) error {
		if _, err := r.store.pool.Exec(ctx, "DELETE FROM calibrations c USING spaces s WHERE "+longRetired, retiredLimit); err != nil {
			return err
		}
		rows, err := r.store.pool.Query(ctx, "SELECT c.collection_id, c.space_id FROM calibrations c, spaces s WHERE "+deadBuild, heartbeatLimit)
		if err != nil {
			return err
		}
		dead, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (sp space.Space, err error) {
			err = row.Scan(&sp.Collection, &sp.ID)
			return sp, err
		})
		return err
	})
	for _, sp := range dead {
		// Writers are excluded, since they store vectors for the generation until it is
		// deleted.
		failed := r.store.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error { return dropDeadBuild(ctx, tx, sp) })
		if !errors.Is(failed, document.ErrNotFound) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// removal is a note of something to remove: a table, or rows of documents.
type removal struct {
	number            int64
	table             string
	collection, space string
	incarnation       int64
}

func scanRemoval(row pgx.CollectableRow) (n removal, err error) {
	err = row.Scan(&n.number, &n.table, &n.collection, &n.space, &n.incarnation)
	return n, err
}

// String implements fmt.Stringer.
func (n removal) String() string {
	switch {
	case n.table != "":
		return "table " + n.table
	case n.space != "":
		return "rows of " + document.SpaceName(n.collection, n.space)
	default:
		return "rows of " + document.CollectionName(n.collection)
	}
}

// remove carries out a removal. It skips a table that is being read or whose index is being
// built.
func (r *remover) remove(ctx context.Context, n removal) error {
	for after, more := "", true; more; {
		err := r.store.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) (err error) {
			after, err = removeBatch(ctx, tx, n, after)
			more = after != ""
			return err
		})
		if lockFailed(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeBatch removes the table or some of the rows, and with the last of them the note. It
// returns the id after which to continue, or "" if nothing is left to do now.
func removeBatch(ctx context.Context, tx pgx.Tx, n removal, after string) (last string, err error) {
	var mine bool
	err = tx.QueryRow(ctx, "SELECT true FROM removals WHERE removal = $1 FOR UPDATE SKIP LOCKED", n.number).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil // another server is working on it, or it is done
	}
	if err != nil {
		return "", err
	}
	done := true
	if n.table != "" {
		err = dropTable(ctx, tx, n.table)
	} else {
		last, done, err = removeRows(ctx, tx, n, after)
	}
	if err == nil && done {
		_, err = tx.Exec(ctx, "DELETE FROM removals WHERE removal = $1", n.number)
	}
	return last, err
}

// dropTable drops a table. If the table is in use, dropTable fails at once and does not
// wait for its locks: a connection that builds an index on it would wait for this
// transaction, and this transaction for that connection. It waits only briefly for parts of
// the table, such as its TOAST table, which may be being vacuumed.
func dropTable(ctx context.Context, tx pgx.Tx, table string) error {
	var exists bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", quoteTable(table)).Scan(&exists); err != nil || !exists {
		return err
	}
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '100ms'"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE "+quoteTable(table)+" IN ACCESS EXCLUSIVE MODE NOWAIT"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, dropTableDDL(table)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM unbuilt_documents WHERE vector_table = $1", table)
	return err
}

// lockFailed reports whether an error means that a table could not be locked at once.
func lockFailed(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == lockNotAvailable
}

// removeRows removes the rows of the next documents after an id, and returns the id of the
// last one. done reports that no rows are left. It skips rows that a writer is replacing.
func removeRows(ctx context.Context, tx pgx.Tx, n removal, after string) (last string, done bool, err error) {
	owned, args := "documents WHERE (collection_id, incarnation) = ($1, $2)", []any{n.collection, n.incarnation}
	if n.space != "" {
		owned, args = "indexed_documents WHERE (collection_id, incarnation, space_id) = ($1, $2, $3)", append(args, n.space)
	}
	place := fmt.Sprintf("$%d", len(args)+1)
	err = tx.QueryRow(ctx, fmt.Sprintf(`WITH removed AS (DELETE FROM %[1]s AND document_id = ANY(ARRAY(
			SELECT document_id FROM %[1]s AND document_id > %[2]s ORDER BY document_id LIMIT %[3]d FOR UPDATE SKIP LOCKED)) RETURNING document_id)
		SELECT coalesce(max(document_id), '') FROM removed`, owned, place, removedDocuments), append(args, after)...).Scan(&last)
	if err != nil || last != "" {
		return last, false, err
	}
	var left bool
	err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+owned+")", args...).Scan(&left)
	return "", !left, err
}
