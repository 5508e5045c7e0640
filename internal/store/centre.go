package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// generation is a calibration that writers keep up: the one that is searched,
// or one that is being built.
type generation struct {
	number int
	table  string // of its centred vectors
}

// lockGenerations returns the generations of a space that a writer must keep
// up; no other begins until the transaction ends. document.ErrNotFound where the
// collection is gone.
func lockGenerations(ctx context.Context, tx pgx.Tx, sp space.Space) ([]generation, error) {
	var active int
	err := tx.QueryRow(ctx, "SELECT generation FROM spaces WHERE collection_id = $1 AND space_id = $2 FOR SHARE", sp.Collection, sp.ID).Scan(&active)
	if err != nil {
		return nil, notFound(err, document.CollectionName(sp.Collection))
	}
	// A statement of its own: one that waited for the lock would still see the
	// calibrations of before.
	rows, err := tx.Query(ctx, `SELECT generation, centred_table FROM calibrations
		WHERE collection_id = $1 AND space_id = $2 AND generation >= $3 ORDER BY generation`, sp.Collection, sp.ID, active)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g generation, err error) {
		err = row.Scan(&g.number, &g.table)
		return g, err
	})
}

// centreAnew makes a document's centred vectors of its vectors in each of the
// generations, in place of those that are there.
func centreAnew(ctx context.Context, tx pgx.Tx, sp space.Space, live []generation, id string) error {
	batch := &pgx.Batch{}
	for _, g := range live {
		batch.Queue("DELETE FROM "+quoteTable(g.table)+" WHERE document_id = $1", id)
		queueCentre(batch, sp, g, []string{id})
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("centre vectors: %w", err)
	}
	return nil
}

// queueCentre queues the statement that centres the vectors of documents for a
// generation, those aside that it holds. A language without a mean has that of
// the fallback subtracted, and where there is none either, nothing.
func queueCentre(batch *pgx.Batch, sp space.Space, g generation, ids []string) {
	batch.Queue(fmt.Sprintf(`INSERT INTO %[1]s (document_id, ordinal, window_number, role, kind, language, language_code, publish_time, source, centred)
		SELECT v.document_id, v.ordinal, v.window_number, v.role, v.kind, v.language, v.language_code, d.publish_time, d.source,
			coalesce(l2_normalize(v.embedding::vector - coalesce(own.mean, other.mean)), v.embedding::vector)::%[3]s
		FROM %[2]s v
		JOIN documents d ON d.collection_id = $1 AND d.document_id = v.document_id
		LEFT JOIN calibration_languages own ON (own.collection_id, own.space_id, own.generation, own.language) = ($1, $2, $3, v.language)
		LEFT JOIN calibration_languages other ON (other.collection_id, other.space_id, other.generation, other.language) = ($1, $2, $3, $4)
		WHERE v.document_id = ANY($5)
		ON CONFLICT DO NOTHING`, quoteTable(g.table), quoteTable(sp.VectorTable), vectorType(sp.Dimensions)),
		sp.Collection, sp.ID, g.number, calibrate.Fallback, ids)
}
