package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// builderLimit is how long a builder that gave no sign of life keeps a space.
const builderLimit = 10 * time.Second

// SpacesToBuild returns the spaces, of all collections, that lack a document or
// were never READY. An active one lacks nothing.
func (s *Store) SpacesToBuild(ctx context.Context) (list []space.Space, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, selectSpaces+` WHERE s.state = 'BUILDING' OR s.state <> 'ACTIVE' AND EXISTS (
			SELECT FROM documents d WHERE (d.collection_id, d.incarnation) = (o.collection_id, o.incarnation) AND `+lacksDocument+`)
			ORDER BY s.create_time, s.collection_id, s.space_id`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanSpace)
		return err
	})
	return list, err
}

// HoldSpace gives a space to a builder, or keeps it there, for ten seconds; held
// is false where another builder has it, or it is gone.
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
	if errors.As(err, &pg) && pg.Code == "23503" { // foreign_key_violation: the space is just being deleted
		return false, nil
	}
	return held, err
}

// ReleaseSpace lets other builders have a space at once.
func (s *Store) ReleaseSpace(ctx context.Context, sp space.Space, builder string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM space_builders WHERE (collection_id, space_id, builder) = ($1, $2, $3)", sp.Collection, sp.ID, builder)
		return err
	})
}

// DocumentsToBuild returns up to limit ids, after the given one, of documents that
// a space lacks.
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

// BeginDocument prepares a space for the windows of a document, as many as count
// says of its passages, and returns the document with what is held of it
// already: what an earlier builder left, if it cut the same windows. Without
// passages where the document is gone or the space has it.
func (s *Store) BeginDocument(ctx context.Context, sp space.Space, id string, count func([]document.Passage) int) (u document.Unbuilt, err error) {
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, sp.Collection, id); err != nil {
			return err
		}
		var left struct {
			hash     string
			tokens   int
			complete bool
		}
		u = document.Unbuilt{ID: id}
		err := tx.QueryRow(ctx, `SELECT d.language_code, d.content_hash, coalesce(i.content_hash, ''), coalesce(i.window_tokens, 0), coalesce(i.complete, false)
			FROM documents d LEFT JOIN indexed_documents i ON (i.collection_id, i.document_id, i.space_id) = (d.collection_id, d.document_id, $3)
				AND i.incarnation = (SELECT incarnation FROM spaces WHERE collection_id = $1 AND space_id = $3)
			WHERE d.collection_id = $1 AND d.document_id = $2 AND `+liveDocument("$1"), sp.Collection, id, sp.ID).
			Scan(&u.LanguageCode, &u.ContentHash, &left.hash, &left.tokens, &left.complete)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && left.complete && left.hash == u.ContentHash {
			return nil
		}
		if err != nil {
			return err
		}
		if u.Passages, err = wholePassages(ctx, tx, sp.Collection, id); err != nil {
			return err
		}
		if left.hash == u.ContentHash && left.tokens == sp.WindowTokens {
			u.Held, err = heldWindows(ctx, tx, sp, id)
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("DELETE FROM "+quoteTable(sp.VectorTable)+" WHERE document_id = $1", id)
		batch.Queue("DELETE FROM indexed_documents WHERE collection_id = $1 AND document_id = $2 AND space_id = $3", sp.Collection, id, sp.ID)
		batch.Queue(`INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count, complete, window_tokens, incarnation)
			SELECT $1, $2, $3, $4, $5, false, $6, incarnation FROM spaces WHERE collection_id = $1 AND space_id = $3`, sp.Collection, id, sp.ID, u.ContentHash, count(u.Passages), sp.WindowTokens)
		return tx.SendBatch(ctx, batch).Close()
	})
	return u, err
}

// wholePassages returns the passages of a document.
func wholePassages(ctx context.Context, tx pgx.Tx, collection, id string) ([]document.Passage, error) {
	rows, err := tx.Query(ctx, `SELECT ordinal, kind, label, language_code, text, start_point, end_point, start_byte, end_byte FROM passages
		WHERE collection_id = $1 AND document_id = $2 ORDER BY ordinal`, collection, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p document.Passage, err error) {
		r := &p.Range
		err = row.Scan(&p.Ordinal, &p.Kind, &p.Label, &p.LanguageCode, &p.Text, &r.Start, &r.End, &r.StartByte, &r.EndByte)
		return p, err
	})
}

// heldWindows returns the windows of a document that a space has, or has failed
// to get.
func heldWindows(ctx context.Context, tx pgx.Tx, sp space.Space, id string) (map[[2]int]bool, error) {
	rows, err := tx.Query(ctx, "SELECT ordinal, window_number FROM "+quoteTable(sp.VectorTable)+` WHERE document_id = $2 UNION ALL
		SELECT ordinal, window_number FROM failed_windows WHERE (collection_id, document_id, space_id) = ($1, $2, $3)`, sp.Collection, id, sp.ID)
	if err != nil {
		return nil, err
	}
	return collectKeys(rows)
}

// collectKeys reads rows of two numbers that name a window.
func collectKeys(rows pgx.Rows) (map[[2]int]bool, error) {
	keys := map[[2]int]bool{}
	var passage, number int
	_, err := pgx.ForEachRow(rows, []any{&passage, &number}, func() error {
		keys[[2]int{passage, number}] = true
		return nil
	})
	return keys, err
}

// AddWindows adds windows of a document that was begun to a space; with the last
// of them the space holds it. document.ErrChanged where the document was written
// since, or the space is gone or another builder's.
func (s *Store) AddWindows(ctx context.Context, sp space.Space, builder string, u document.Unbuilt, rows []document.PlacedWindow, last bool) error {
	err := s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, sp.Collection, u.ID); err != nil {
			return err
		}
		spaces, err := lockSpaces(ctx, tx, sp.Collection)
		if err != nil {
			return err
		}
		var begun bool
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM indexed_documents i JOIN spaces s USING (collection_id, space_id, incarnation)
				JOIN space_builders b USING (collection_id, space_id) JOIN documents d USING (collection_id, document_id)
			WHERE s.vector_table = $1 AND b.builder = $2 AND i.document_id = $3 AND i.content_hash = $4 AND NOT i.complete
				AND d.language_code = $5)`,
			sp.VectorTable, builder, u.ID, u.ContentHash, u.LanguageCode).Scan(&begun)
		if err != nil {
			return err
		}
		if !begun {
			return &document.ResourceError{Name: document.Name(sp.Collection, u.ID), Err: document.ErrChanged}
		}
		if err := writeWindows(ctx, tx, sp, rows); err != nil || !last {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE indexed_documents SET complete = true, window_tokens = 0
			WHERE (collection_id, document_id, space_id) = ($1, $2, $3)`, sp.Collection, u.ID, sp.ID)
		if err != nil {
			return fmt.Errorf("note that a document is whole: %w", err)
		}
		for _, w := range spaces {
			if w.ID == sp.ID {
				return centreAnew(ctx, tx, w, u.ID)
			}
		}
		return nil
	})
	if err == nil {
		s.analyses.wrote(sp.Collection, len(rows))
	}
	return err
}

// MakeReady makes a space READY that is BUILDING and lacks no document.
func (s *Store) MakeReady(ctx context.Context, sp space.Space) (ready bool, err error) {
	err = s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE spaces s SET state = 'READY' WHERE s.vector_table = $1 AND s.state = 'BUILDING' AND NOT EXISTS (
			SELECT FROM documents d WHERE d.collection_id = s.collection_id AND `+liveDocument("$2")+" AND "+lacksDocument+")", sp.VectorTable, sp.Collection)
		ready = tag.RowsAffected() == 1
		return err
	})
	return ready, err
}
