package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
)

// All transactions take locks in this order:
//
//  1. the advisory locks of documents, ordered by id;
//  2. the gate of the collection;
//  3. rows of collections, then of spaces, then of documents, each ordered by id;
//  4. rows that belong to these: passages, vectors, terms, and BM25 reference lengths,
//     ordered by language.
//
// No transaction that holds a later lock waits for an earlier one, so no deadlock is
// possible.
//
// Writers of a collection share its gate. A step that excludes writers holds the gate alone
// until its transaction ends: the swap of a generation, the creation, activation or deletion
// of a space, the deletion of a collection. The gate is an advisory lock because those who
// wait for one are served in order. A row lock would not work: each new FOR SHARE overtakes
// the waiting step, and with twelve writers of 200 ms each a swap got no row lock within ten
// seconds. The rows are locked as well, because older servers do not know the gate.
const (
	shareGate = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
	closeGate = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
)

// lockCollection holds the gate of a collection, shared with other writers, until the
// transaction ends. Meanwhile the collection cannot be deleted and no exclusive step can
// run. It returns document.ErrNotFound if the collection is gone.
func lockCollection(ctx context.Context, tx pgx.Tx, id string) error {
	return passGate(ctx, tx, shareGate, id, "FOR KEY SHARE")
}

// lockWriters waits for the current writers of a collection, and excludes other writers
// until the transaction ends. It returns document.ErrNotFound if the collection is gone.
func lockWriters(ctx context.Context, tx pgx.Tx, id string) error {
	return passGate(ctx, tx, closeGate, id, "FOR UPDATE")
}

func passGate(ctx context.Context, tx pgx.Tx, gate, id, rowLock string) error {
	name := document.CollectionName(id)
	batch := &pgx.Batch{}
	batch.Queue(gate, name)
	// This is a separate statement, so that it sees what earlier writers committed.
	batch.Queue("SELECT true FROM collections WHERE collection_id = $1 "+rowLock, id).QueryRow(func(row pgx.Row) error {
		var exists bool
		return notFound(row.Scan(&exists), name)
	})
	return tx.SendBatch(ctx, batch).Close()
}

// inCollection runs fn in a transaction that writes to a collection.
func (s *Store) inCollection(ctx context.Context, id string, fn func(context.Context, pgx.Tx) error) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockCollection(ctx, tx, id); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// withoutWriters runs fn in a transaction that excludes all writers of a collection.
func (s *Store) withoutWriters(ctx context.Context, id string, fn func(context.Context, pgx.Tx) error) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockWriters(ctx, tx, id); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// lockDocuments excludes other writers of the documents until the transaction ends, even if
// the documents do not exist yet. It also keeps the collection from being deleted. ids must
// be sorted, so that two writers cannot deadlock.
func lockDocuments(ctx context.Context, tx pgx.Tx, collection string, ids []string) error {
	if _, err := tx.Exec(ctx, documentLocks, documentNames(collection, ids)); err != nil {
		return err
	}
	return lockCollection(ctx, tx, collection)
}

// documentLocks takes the advisory locks of documents in the order of their names.
const documentLocks = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) name"

func documentNames(collection string, ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = document.Name(collection, id)
	}
	return names
}

// lockTables returns the tables with vectors of a collection's documents. No table can be
// added until the transaction ends.
func lockTables(ctx context.Context, tx pgx.Tx, collection string) ([]string, error) {
	if _, err := tx.Exec(ctx, "SELECT FROM spaces WHERE collection_id = $1 ORDER BY space_id FOR SHARE", collection); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT vector_table FROM spaces WHERE collection_id = $1
		UNION ALL SELECT centred_table FROM calibrations WHERE collection_id = $1`, collection)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// lockSpaces returns the spaces of a collection, the active one first, and locks them until
// the transaction ends: no other space can become active, and no generation can begin or be
// swapped in. It returns document.ErrNotFound if the collection is gone.
func lockSpaces(ctx context.Context, tx pgx.Tx, collection string) (list []writtenSpace, err error) {
	batch := &pgx.Batch{}
	queueSpaces(batch, collection, &list)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	return list, requireSpaces(list, collection)
}

// requireSpaces returns document.ErrNotFound if list is empty, since every collection has a
// space.
func requireSpaces(list []writtenSpace, collection string) error {
	if len(list) == 0 {
		return &document.ResourceError{Name: document.CollectionName(collection), Err: document.ErrNotFound}
	}
	return nil
}

// queueSpaces queues the statements of lockSpaces.
func queueSpaces(batch *pgx.Batch, collection string, list *[]writtenSpace) {
	batch.Queue("SELECT FROM spaces WHERE collection_id = $1 ORDER BY space_id FOR SHARE", collection)
	// This is a separate statement, since the one that waited for the lock still sees the
	// old rows.
	batch.Queue(selectSpaces+" WHERE s.collection_id = $1 ORDER BY s.state <> 'ACTIVE', s.space_id", collection).Query(func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w writtenSpace, err error) {
			w.Space, err = scanSpace(row)
			return w, err
		})
		return err
	})
	batch.Queue(`SELECT c.space_id, c.generation, c.centred_table FROM calibrations c JOIN spaces s USING (collection_id, space_id)
		WHERE c.collection_id = $1 AND c.generation >= s.generation ORDER BY c.generation`, collection).Query(func(rows pgx.Rows) error {
		var (
			id string
			g  generation
		)
		_, err := pgx.ForEachRow(rows, []any{&id, &g.number, &g.table}, func() error {
			i := slices.IndexFunc(*list, func(w writtenSpace) bool { return w.ID == id })
			(*list)[i].live = append((*list)[i].live, g)
			return nil
		})
		return err
	})
}
