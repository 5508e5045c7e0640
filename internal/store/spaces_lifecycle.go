package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// CreateSpace creates another space of a collection, in state BUILDING, and its vector
// tables. It returns document.ErrAlreadyExists if the collection has a space of that
// id, and document.ErrNotFound if there is no such collection.
func (s *Store) CreateSpace(ctx context.Context, sp space.Space) error {
	// Writers are excluded, since they may have read the list of spaces but not yet the
	// spaces' calibrations.
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

// ActivateSpace atomically switches the collection to another of its spaces. While it
// checks that the space lacks no document, it excludes writers. It returns
// space.ErrNotReady if the space lacks one or was never READY.
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
		if lacks || state == space.Building { // a document was written since the last check
			return fmt.Errorf("%s: %w: documents were written just now", document.SpaceName(collection, id), space.ErrNotReady)
		}
		batch := &pgx.Batch{}
		batch.Queue("UPDATE spaces SET state = 'RETIRED' WHERE collection_id = $1 AND state = 'ACTIVE'", collection)
		batch.Queue("UPDATE spaces SET state = 'ACTIVE', activate_time = now() WHERE collection_id = $1 AND space_id = $2", collection, id)
		// The space lacks no document, so none has to wait. Its failed documents may differ
		// from those of the previous active space.
		batch.Queue("DELETE FROM embedding_queue WHERE collection_id = $1", collection)
		queueFailed(batch, space.Space{Collection: collection, ID: id}, nil)
		return tx.SendBatch(ctx, batch).Close()
	})
}

// DeleteSpace removes a space. It is gone at once for readers and writers; its data is
// removed in the background. It returns space.ErrActive if the space is active, and
// document.ErrNotFound if there is none.
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
		return dropReferenceVectors(ctx, tx, []string{id})
	})
}

// dropReferenceVectors deletes the vectors of reference texts and reference queries of those ids
// that no space has any more, since the next space with such an id may use another model.
func dropReferenceVectors(ctx context.Context, tx pgx.Tx, ids []string) error {
	for _, table := range []string{"background_vectors", "reference_queries"} {
		_, err := tx.Exec(ctx, "DELETE FROM "+table+` b WHERE b.space_id = ANY($1)
			AND NOT EXISTS (SELECT FROM spaces s WHERE s.space_id = b.space_id)`, ids)
		if err != nil {
			return err
		}
	}
	return nil
}

// createSpace records a space in state sp.State, with a first calibration that has no
// languages, and creates its vector tables.
func createSpace(ctx context.Context, tx pgx.Tx, sp space.Space) error {
	if sp.Dimensions < 1 || sp.Dimensions > maxHalfvecDimensions {
		return fmt.Errorf("model %s has %d dimensions; pgvector stores 1 to %d", sp.Model, sp.Dimensions, maxHalfvecDimensions)
	}
	const firstGeneration = 1
	err := tx.QueryRow(ctx, `INSERT INTO spaces (collection_id, space_id, state, model, dimensions, windowing, profile, vector_table, generation,
			model_server, fingerprint, activate_time, incarnation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8 || nextval('vector_tables'), $9, $10, coalesce($11, '{}'::real[]), CASE WHEN $3 = 'ACTIVE' THEN now() END,
			coalesce((SELECT max(r.incarnation) + 1 FROM removals r WHERE (r.collection_id, r.space_id) = ($1, $2)), 0))
		RETURNING vector_table`,
		sp.Collection, sp.ID, string(sp.State), sp.Model, sp.Dimensions, int16(sp.Windowing), storedProfile(sp.Profile), vectorTablePrefix, firstGeneration,
		sp.Server, slices.Concat(sp.Fingerprint...)).Scan(&sp.VectorTable)
	if err != nil {
		return fmt.Errorf("create space: %w", err)
	}
	if err := createTable(ctx, tx, vectorTableDDL(quoteTable(sp.VectorTable), sp.Dimensions)); err != nil {
		return err
	}
	_, err = createGeneration(ctx, tx, sp, firstGeneration)
	return err
}

// createGeneration records a calibration and creates its vector table.
func createGeneration(ctx context.Context, tx pgx.Tx, sp space.Space, generation int) (table string, err error) {
	err = tx.QueryRow(ctx, `INSERT INTO calibrations (collection_id, space_id, generation, centred_table, signature_version)
		VALUES ($1, $2, $3, $4 || nextval('vector_tables'), (SELECT terms_version FROM collections WHERE collection_id = $1)) RETURNING centred_table`,
		sp.Collection, sp.ID, generation, centredTablePrefix).Scan(&table)
	if err != nil {
		return "", fmt.Errorf("create calibration: %w", err)
	}
	return table, createTable(ctx, tx, centredTableDDL(quoteTable(table), sp.Dimensions))
}
