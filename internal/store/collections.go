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

const collectionColumns = `
	c.collection_id, c.create_time, s.space_id, s.model, s.dimensions, s.profile, s.vector_table,
	(SELECT count(*) FROM documents d WHERE d.collection_id = c.collection_id),
	(SELECT coalesce(sum(d.passage_count), 0)::bigint FROM documents d WHERE d.collection_id = c.collection_id)
	FROM collections c JOIN spaces s ON s.collection_id = c.collection_id AND s.state = 'ACTIVE'`

func scanCollection(row pgx.CollectableRow) (c space.Collection, err error) {
	err = row.Scan(&c.ID, &c.CreateTime, &c.Active.ID, &c.Active.Model, &c.Active.Dimensions,
		&c.Active.Profile, &c.Active.VectorTable, &c.Documents, &c.Passages)
	c.Active.Collection = c.ID
	return c, err
}

// CreateCollection makes a collection with its first space, active, and the
// table of that space's vectors. document.ErrAlreadyExists where there is one.
func (s *Store) CreateCollection(ctx context.Context, id string, first space.Space) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO collections (collection_id) VALUES ($1)", id)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation
			return &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrAlreadyExists}
		}
		if err != nil {
			return fmt.Errorf("create collection: %w", err)
		}
		return createSpace(ctx, tx, id, first)
	})
}

// GetCollection returns a collection, or document.ErrNotFound.
func (s *Store) GetCollection(ctx context.Context, id string) (c space.Collection, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT"+collectionColumns+" WHERE c.collection_id = $1", id)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scanCollection)
		return notFound(err, document.CollectionName(id))
	})
	return c, err
}

// ListCollections returns up to limit collections by id, after the given one.
func (s *Store) ListCollections(ctx context.Context, after string, limit int) (list []space.Collection, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT"+collectionColumns+`
			WHERE c.collection_id > $1 ORDER BY c.collection_id LIMIT $2`, after, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanCollection)
		return err
	})
	return list, err
}

// DeleteCollection removes a collection, its spaces and, with force, its
// documents. document.ErrNotEmpty where it holds some without force;
// document.ErrNotFound where there is none.
func (s *Store) DeleteCollection(ctx context.Context, id string, force bool) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		var filled bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM documents d WHERE d.collection_id = c.collection_id)
			FROM collections c WHERE c.collection_id = $1 FOR UPDATE`, id).Scan(&filled)
		if err != nil {
			return notFound(err, document.CollectionName(id))
		}
		if filled && !force {
			return &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrNotEmpty}
		}
		tables, err := vectorTables(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+quoteTable(table)); err != nil {
				return fmt.Errorf("drop vectors: %w", err)
			}
		}
		_, err = tx.Exec(ctx, "DELETE FROM collections WHERE collection_id = $1", id)
		return err
	})
}

// ActiveSpace returns the space that a collection is searched in and written
// to, or document.ErrNotFound.
func (s *Store) ActiveSpace(ctx context.Context, collection string) (sp space.Space, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		sp, err = activeSpace(ctx, s.pool, collection)
		return err
	})
	return sp, err
}

// querier is the pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func activeSpace(ctx context.Context, db querier, collection string) (space.Space, error) {
	sp := space.Space{Collection: collection}
	err := db.QueryRow(ctx, `SELECT space_id, model, dimensions, profile, vector_table
		FROM spaces WHERE collection_id = $1 AND state = 'ACTIVE'`, collection).
		Scan(&sp.ID, &sp.Model, &sp.Dimensions, &sp.Profile, &sp.VectorTable)
	return sp, notFound(err, document.CollectionName(collection))
}

// notFound turns pgx's word for no row into the domain's.
func notFound(err error, name string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return &document.ResourceError{Name: name, Err: document.ErrNotFound}
	}
	return err
}
