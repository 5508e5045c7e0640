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
	// No writer has looked for spaces and is yet to look for their calibrations.
	return s.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
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
	st, err := s.SpaceStatus(ctx, collection, id)
	if err != nil {
		return err
	}
	if err := st.Ready(); err != nil {
		return err
	}
	return s.withoutWriters(ctx, collection, func(ctx context.Context, tx pgx.Tx) error {
		var (
			state space.State
			lacks bool
		)
		err := tx.QueryRow(ctx, `SELECT s.state, EXISTS (SELECT FROM documents d WHERE d.collection_id = s.collection_id AND `+
			liveDocument("$1")+" AND "+lacksDocument+") FROM spaces s WHERE s.collection_id = $1 AND s.space_id = $2", collection, id).
			Scan(&state, &lacks)
		if err != nil {
			return notFound(err, document.SpaceName(collection, id))
		}
		if state == space.Active {
			return nil
		}
		if lacks || state == space.Building { // written since it was looked at
			return fmt.Errorf("%s: %w: documents were written just now", document.SpaceName(collection, id), space.ErrNotReady)
		}
		batch := &pgx.Batch{}
		batch.Queue("UPDATE spaces SET state = 'RETIRED' WHERE collection_id = $1 AND state = 'ACTIVE'", collection)
		batch.Queue("UPDATE spaces SET state = 'ACTIVE', activate_time = now() WHERE collection_id = $1 AND space_id = $2", collection, id)
		// It lacks nothing, so nothing waits; what it has no vector of may be other documents.
		batch.Queue("DELETE FROM embedding_queue WHERE collection_id = $1", collection)
		queueFailed(batch, space.Space{Collection: collection, ID: id}, nil)
		return tx.SendBatch(ctx, batch).Close()
	})
}

// DeleteSpace removes a space: to readers and writers at once, from the database in
// the background. space.ErrActive if it is searched; document.ErrNotFound if there is
// none.
func (s *Store) DeleteSpace(ctx context.Context, collection, id string) error {
	defer s.removals.wake()
	return s.withoutWriters(ctx, collection, func(ctx context.Context, tx pgx.Tx) error {
		var state space.State
		err := tx.QueryRow(ctx, "SELECT state FROM spaces WHERE collection_id = $1 AND space_id = $2 FOR UPDATE", collection, id).Scan(&state)
		if err != nil {
			return notFound(err, document.SpaceName(collection, id))
		}
		if state == space.Active {
			return fmt.Errorf("%s: %w: activate another one first, or delete the collection", document.SpaceName(collection, id), space.ErrActive)
		}
		if _, err := tx.Exec(ctx, "DELETE FROM spaces WHERE collection_id = $1 AND space_id = $2", collection, id); err != nil {
			return err
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
