package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// builderLimit is how long a builder keeps a space without a heartbeat.
const builderLimit = 10 * time.Second

// SpacesToBuild returns the spaces of all collections that lack a document or were
// never READY. Documents that an active space lacks are in the queue instead.
func (s *Store) SpacesToBuild(ctx context.Context) (list []space.Space, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, selectSpaces+` WHERE s.state = 'BUILDING'
			OR s.state <> 'ACTIVE' AND EXISTS (SELECT FROM unbuilt_documents u WHERE u.vector_table = s.vector_table)
			ORDER BY s.create_time, s.collection_id, s.space_id`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanSpace)
		return err
	})
	return list, err
}

// HoldSpace gives a builder the lease of a space for ten seconds, or extends it. held is
// false if another builder has the lease or the space is gone.
func (s *Store) HoldSpace(ctx context.Context, sp space.Space, builder string) (held bool, err error) {
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO space_builders AS b (collection_id, space_id, builder)
			SELECT collection_id, space_id, $2 FROM spaces WHERE vector_table = $1
			ON CONFLICT (collection_id, space_id) DO UPDATE SET builder = excluded.builder, heartbeat = now()
			WHERE b.builder = excluded.builder OR b.heartbeat < now() - $3::interval`, sp.VectorTable, builder, builderLimit)
		held = tag.RowsAffected() == 1
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" { // foreign_key_violation: the space is being deleted
		return false, nil
	}
	return held, err
}

// ReleaseSpace ends a builder's lease of a space.
func (s *Store) ReleaseSpace(ctx context.Context, sp space.Space, builder string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM space_builders WHERE (collection_id, space_id, builder) = ($1, $2, $3)", sp.Collection, sp.ID, builder)
		return err
	})
}

// DocumentsToBuild returns up to limit ids, after the given one, of documents that a space
// lacks. It compares all documents after that id with the space, which only a new space
// needs.
func (s *Store) DocumentsToBuild(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, `SELECT d.document_id FROM spaces s JOIN collections o USING (collection_id)
				JOIN documents d ON (d.collection_id, d.incarnation) = (o.collection_id, o.incarnation)
			WHERE s.vector_table = $1 AND d.document_id > $2 AND `+lacksDocument+` ORDER BY d.document_id LIMIT $3`, sp.VectorTable, after, limit)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}

// UnbuiltDocuments returns up to limit ids, after the given one, of documents that were
// noted as lacking in a space when they were written or begun. It reads only such
// documents.
func (s *Store) UnbuiltDocuments(ctx context.Context, sp space.Space, after string, limit int) (ids []string, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT document_id FROM unbuilt_documents WHERE vector_table = $1 AND document_id > $2 ORDER BY document_id LIMIT $3",
			sp.VectorTable, after, limit)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, err
}

// queueBuilt queues the deletion of the notes that a space lacks the given documents. The
// notes must be locked.
func queueBuilt(batch *pgx.Batch, sp space.Space, ids []string) {
	batch.Queue("DELETE FROM unbuilt_documents WHERE vector_table = $1 AND document_id = ANY($2)", sp.VectorTable, ids)
}

// AddWindows adds windows of begun documents to a space. The builder must have its lease. A
// document is complete with its last window. AddWindows returns the ids of documents for
// which it added nothing, because they were written meanwhile, or the space is gone or has
// another builder.
func (s *Store) AddWindows(ctx context.Context, sp space.Space, builder string, list []document.WindowsToAdd) (changed []string, err error) {
	const hasLease = "EXISTS (SELECT FROM space_builders b WHERE (b.collection_id, b.space_id, b.builder) = (s.collection_id, s.space_id, $2))"
	return s.addWindows(ctx, sp, list, hasLease, builder, nil)
}

// addWindows implements AddWindows and AddClaimed. mayAdd is a condition on the space s and
// the document u that must be true for holder to add windows. If finished is not nil, it is
// called with the ids of the documents that are complete then.
func (s *Store) addWindows(ctx context.Context, sp space.Space, list []document.WindowsToAdd, mayAdd, holder string, finished func(batch *pgx.Batch, ids []string)) (changed []string, err error) {
	list = slices.SortedFunc(slices.Values(list), func(a, b document.WindowsToAdd) int { return strings.Compare(a.ID, b.ID) })
	ids, hashes, languages := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	windows := 0
	for i, b := range list {
		ids[i], hashes[i], languages[i] = b.ID, b.ContentHash, b.LanguageCode
		windows += len(b.Rows)
	}
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocuments(ctx, tx, sp.Collection, ids); err != nil {
			return err
		}
		spaces, err := lockSpaces(ctx, tx, sp.Collection)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT u.id FROM unnest($3::text[], $4::text[], $5::text[]) AS u(id, hash, language)
				JOIN spaces s ON s.vector_table = $1
				JOIN indexed_documents i ON (i.collection_id, i.document_id, i.space_id, i.incarnation) = (s.collection_id, u.id, s.space_id, s.incarnation)
				JOIN documents d ON (d.collection_id, d.document_id) = (s.collection_id, u.id)
			WHERE i.content_hash = u.hash AND NOT i.complete AND i.window_tokens = $6 AND d.language_code = u.language AND `+mayAdd,
			sp.VectorTable, holder, ids, hashes, languages, sp.WindowTokens)
		if err != nil {
			return err
		}
		begun, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		changed = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(begun, id) })
		return addBuilt(ctx, tx, sp, spaces, slices.DeleteFunc(list, func(b document.WindowsToAdd) bool { return slices.Contains(changed, b.ID) }), finished)
	})
	if errors.Is(err, document.ErrNotFound) { // the collection is gone
		return ids, nil
	}
	if err == nil {
		s.analyses.countWritten(sp.Collection, windows)
	}
	return changed, err
}

// addBuilt writes windows of documents, and centres the vectors of documents that are
// complete then.
func addBuilt(ctx context.Context, tx pgx.Tx, sp space.Space, spaces []writtenSpace, list []document.WindowsToAdd, finished func(*pgx.Batch, []string)) error {
	var (
		rows []document.PlacedWindow
		done []string
	)
	for _, b := range list {
		if rows = append(rows, b.Rows...); b.Last {
			done = append(done, b.ID)
		}
	}
	if err := writeWindows(ctx, tx, sp, rows); err != nil || len(done) == 0 {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE indexed_documents SET complete = true, window_tokens = 0, index_time = clock_timestamp()
		WHERE collection_id = $1 AND space_id = $2 AND document_id = ANY($3)`, sp.Collection, sp.ID, done)
	queueBuilt(batch, sp, done)
	if finished != nil {
		finished(batch, done)
	}
	for _, w := range spaces {
		if w.ID == sp.ID {
			queueRecentre(batch, w, done)
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("record complete documents: %w", err)
	}
	return nil
}

// MakeReady makes a BUILDING space READY if it lacks no document, and reports whether it
// did.
func (s *Store) MakeReady(ctx context.Context, sp space.Space) (ready bool, err error) {
	err = s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE spaces s SET state = 'READY' WHERE s.vector_table = $1 AND s.state = 'BUILDING' AND NOT EXISTS (
			SELECT FROM documents d WHERE d.collection_id = s.collection_id AND `+liveDocument("$2")+" AND "+lacksDocument+")", sp.VectorTable, sp.Collection)
		ready = tag.RowsAffected() == 1
		return err
	})
	return ready, err
}
