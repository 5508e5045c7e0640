package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

const collectionColumns = `
	c.collection_id, c.create_time, s.space_id, s.model, s.dimensions, s.profile, s.windowing, s.vector_table,
	counts.documents, counts.passages
	FROM collections c JOIN spaces s ON s.collection_id = c.collection_id AND s.state = 'ACTIVE' CROSS JOIN LATERAL ` + countsOfCollection + ` counts`

func scanCollection(row pgx.CollectableRow) (c space.Collection, err error) {
	err = row.Scan(&c.ID, &c.CreateTime, &c.Active.ID, &c.Active.Model, &c.Active.Dimensions,
		(*storedProfile)(&c.Active.Profile), &c.Active.Windowing, &c.Active.VectorTable, &c.Documents, &c.Passages)
	c.Active.Collection = c.ID
	return c, err
}

// CreateCollection creates a collection with its first space, which is active, and the
// vector tables of that space. It returns document.ErrAlreadyExists if the collection
// exists.
func (s *Store) CreateCollection(ctx context.Context, id string, first space.Space) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		// If a collection of this name is being deleted, this waits until the deletion has
		// recorded what is to be removed.
		if _, err := tx.Exec(ctx, closeGate, document.CollectionName(id)); err != nil {
			return err
		}
		var terms string
		err := tx.QueryRow(ctx, `INSERT INTO collections (collection_id, terms_table, terms_version, incarnation)
			VALUES ($1, $2 || nextval('vector_tables'), $3,
				coalesce((SELECT max(r.incarnation) + 1 FROM removals r WHERE r.collection_id = $1 AND r.space_id IS NULL), 0))
			RETURNING terms_table`, id, termTablePrefix, lexical.Version).Scan(&terms)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation
			return &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrAlreadyExists}
		}
		if err != nil {
			return fmt.Errorf("create collection: %w", err)
		}
		if err := createTermTables(ctx, tx, terms); err != nil {
			return err
		}
		first.Collection, first.State = id, space.Active
		return createSpace(ctx, tx, first)
	})
}

// GetCollection returns a collection, or document.ErrNotFound.
func (s *Store) GetCollection(ctx context.Context, id string) (c space.Collection, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.db(ctx).Query(ctx, "SELECT"+collectionColumns+" WHERE c.collection_id = $1", id)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scanCollection)
		return notFound(err, document.CollectionName(id))
	})
	return c, err
}

// ListCollections returns up to limit collections, ordered by id, after the given id.
func (s *Store) ListCollections(ctx context.Context, after string, limit int) ([]space.Collection, error) {
	return s.ListVisibleCollections(ctx, auth.AllCollections(), after, limit)
}

// ListVisibleCollections is like ListCollections for the collections that a caller may see.
func (s *Store) ListVisibleCollections(ctx context.Context, visible auth.Collections, after string, limit int) (list []space.Collection, err error) {
	ids, prefixes := visible.Split()
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.db(ctx).Query(ctx, "SELECT"+collectionColumns+`
			WHERE c.collection_id > $1 AND (c.collection_id = ANY($3) OR c.collection_id ^@ ANY($4))
			ORDER BY c.collection_id LIMIT $2`, after, limit, ids, prefixes)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanCollection)
		return err
	})
	return list, err
}

// DeleteCollection removes a collection and its spaces and, if force is set, its documents.
// It is gone at once for readers and writers; its data is removed in the background. It
// returns document.ErrNotEmpty if the collection has documents and force is not set, and
// document.ErrNotFound if there is none.
func (s *Store) DeleteCollection(ctx context.Context, id string, force bool) error {
	defer s.removals.wake()
	return s.withoutWriters(ctx, id, func(ctx context.Context, tx pgx.Tx) error {
		var (
			filled bool
			spaces []string
		)
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM documents d WHERE d.collection_id = $1 AND "+liveDocument("$1")+`),
			ARRAY(SELECT space_id FROM spaces WHERE collection_id = $1)`, id).Scan(&filled, &spaces)
		if err != nil {
			return err
		}
		if filled && !force {
			return &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrNotEmpty}
		}
		if _, err = tx.Exec(ctx, "DELETE FROM collections WHERE collection_id = $1", id); err != nil {
			return err
		}
		return dropReferenceVectors(ctx, tx, spaces)
	})
}

// liveDocument returns a condition on documents d: the row belongs to the current
// collection of that id, and not to a deleted one whose rows have not been removed yet.
func liveDocument(collection string) string {
	return "d.incarnation = (SELECT o.incarnation FROM collections o WHERE o.collection_id = " + collection + ")"
}

// queueLeftovers queues the removal of rows with ids that are about to be written, if
// deleted collections of the same name left them behind. A collection with incarnation 0
// has no such rows.
func queueLeftovers(batch *pgx.Batch, collection string, ids []string) {
	batch.Queue("DELETE FROM documents d WHERE d.collection_id = $1 AND d.document_id = ANY($2) AND NOT "+liveDocument("$1")+
		" AND (SELECT incarnation > 0 FROM collections WHERE collection_id = $1)", collection, ids)
}

// termsTable returns the table of a collection's terms.
func termsTable(ctx context.Context, tx pgx.Tx, collection string) (table string, err error) {
	err = tx.QueryRow(ctx, "SELECT terms_table FROM collections WHERE collection_id = $1", collection).Scan(&table)
	return table, notFound(err, document.CollectionName(collection))
}

// notFound turns pgx.ErrNoRows into document.ErrNotFound.
func notFound(err error, name string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return &document.ResourceError{Name: name, Err: document.ErrNotFound}
	}
	return err
}
