package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// CreateSpace makes another space of a collection, BUILDING, and the tables of
// its vectors. document.ErrAlreadyExists where there is one of that id;
// document.ErrNotFound where there is no such collection.
func (s *Store) CreateSpace(ctx context.Context, sp space.Space) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		// No writer has looked for spaces and is yet to look for their calibrations.
		if err := lockWriters(ctx, tx, sp.Collection); err != nil {
			return err
		}
		sp.State = space.Building
		err := createSpace(ctx, tx, sp)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation
			return &document.ResourceError{Name: sp.Name(), Err: document.ErrAlreadyExists}
		}
		return err
	})
}

// ActivateSpace has a collection searched in another of its spaces, from one
// search to the next. Writers wait for the moment that it takes to see that the
// space lacks nothing; space.ErrNotReady where it does, or where it was never
// READY.
func (s *Store) ActivateSpace(ctx context.Context, collection, id string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockWriters(ctx, tx, collection); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectStatuses+" WHERE s.collection_id = $1 AND s.space_id = $2", collection, id)
		if err != nil {
			return err
		}
		st, err := pgx.CollectExactlyOneRow(rows, scanStatus(collection))
		if err != nil {
			return notFound(err, document.SpaceName(collection, id))
		}
		if err := st.Ready(); err != nil || st.State == space.Active {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("UPDATE spaces SET state = 'RETIRED' WHERE collection_id = $1 AND state = 'ACTIVE'", collection)
		batch.Queue("UPDATE spaces SET state = 'ACTIVE', activate_time = now() WHERE collection_id = $1 AND space_id = $2", collection, id)
		return tx.SendBatch(ctx, batch).Close()
	})
}

// DeleteSpace removes a space and its tables. space.ErrActive where it is
// searched; document.ErrNotFound where there is none.
func (s *Store) DeleteSpace(ctx context.Context, collection, id string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockWriters(ctx, tx, collection); err != nil {
			return err
		}
		var (
			state  space.State
			tables []string
		)
		err := tx.QueryRow(ctx, `SELECT s.state, s.vector_table || ARRAY(SELECT c.centred_table FROM calibrations c
				WHERE (c.collection_id, c.space_id) = (s.collection_id, s.space_id))
			FROM spaces s WHERE s.collection_id = $1 AND s.space_id = $2 FOR UPDATE`, collection, id).Scan(&state, &tables)
		if err != nil {
			return notFound(err, document.SpaceName(collection, id))
		}
		if state == space.Active {
			return fmt.Errorf("%s: %w: activate another one first, or delete the collection", document.SpaceName(collection, id), space.ErrActive)
		}
		if _, err := tx.Exec(ctx, "DELETE FROM spaces WHERE collection_id = $1 AND space_id = $2", collection, id); err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+quoteTable(table)); err != nil {
				return fmt.Errorf("drop tables: %w", err)
			}
		}
		return dropBackground(ctx, tx, []string{id})
	})
}

// dropBackground drops the vectors of background texts and reference queries of the ids that no space has
// any more: the next space of such an id may be of another model.
func dropBackground(ctx context.Context, tx pgx.Tx, ids []string) error {
	for _, table := range []string{"background_vectors", "reference_queries"} {
		_, err := tx.Exec(ctx, "DELETE FROM "+table+` b WHERE b.space_id = ANY($1)
			AND NOT EXISTS (SELECT FROM spaces s WHERE s.space_id = b.space_id)`, ids)
		if err != nil {
			return err
		}
	}
	return nil
}

// lockWriters keeps others from writing to a collection until the transaction
// ends, once those who do have ended, or returns document.ErrNotFound.
func lockWriters(ctx context.Context, tx pgx.Tx, collection string) error {
	var exists bool
	err := tx.QueryRow(ctx, "SELECT true FROM collections WHERE collection_id = $1 FOR UPDATE", collection).Scan(&exists)
	return notFound(err, document.CollectionName(collection))
}
