package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/space"
)

// These are the largest dimensions of pgvector's types (see its README). A vector
// column can be indexed up to 2,000. A halfvec column can be indexed up to 4,000 and
// stored up to 16,000.
const (
	maxVectorDimensions  = 2_000
	maxHalfvecIndexed    = 4_000
	maxHalfvecDimensions = 16_000
)

// These are the prefixes of tables that belong to a space, a calibration and a
// collection.
const (
	vectorTablePrefix  = "vectors_"
	centredTablePrefix = "centred_"
	termTablePrefix    = "terms_"
)

// createSpace records a space in state sp.State, with a first calibration without
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
		sp.Collection, sp.ID, string(sp.State), sp.Model, sp.Dimensions, int16(sp.Windowing), sp.Profile, vectorTablePrefix, firstGeneration,
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
	err = tx.QueryRow(ctx, `INSERT INTO calibrations (collection_id, space_id, generation, centred_table)
		VALUES ($1, $2, $3, $4 || nextval('vector_tables')) RETURNING centred_table`,
		sp.Collection, sp.ID, generation, centredTablePrefix).Scan(&table)
	if err != nil {
		return "", fmt.Errorf("create calibration: %w", err)
	}
	return table, createTable(ctx, tx, centredTableDDL(quoteTable(table), sp.Dimensions))
}

func createTable(ctx context.Context, tx pgx.Tx, ddl []string) error {
	for _, statement := range ddl {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("create table of vectors: %w", err)
		}
	}
	return nil
}

// vectorTableDDL creates the table of a space's vectors as the model made them, one row
// per window. All other tables of vectors are derived from it.
func vectorTableDDL(table string, dimensions int) []string {
	return []string{
		fmt.Sprintf(`CREATE TABLE %s (
			document_id   text COLLATE "C" NOT NULL,
			ordinal       integer NOT NULL,
			window_number integer NOT NULL,
			role          smallint NOT NULL,
			kind          smallint NOT NULL,
			language      text COLLATE "C" NOT NULL,
			language_code text NOT NULL,
			start_point   integer NOT NULL,
			end_point     integer NOT NULL,
			start_byte    integer NOT NULL,
			end_byte      integer NOT NULL,
			embedding     %s(%d) NOT NULL,
			PRIMARY KEY (document_id, ordinal, window_number))`, table, vectorType(dimensions), dimensions),
		// This index serves the counts per language after every write.
		"CREATE INDEX ON " + table + " (language, kind) WHERE window_number = 0",
	}
}

// centredTableDDL creates the table that searches of one generation read. It has one
// row per passage, with the columns that filters need, so that a filtered search reads
// one table. The columns are:
//
//	language   the primary subtag; lists and indexes are per language
//	centred    the vector of the whole text; HNSW indexes use it
//	pieces     the vectors of the whole text in pieces, unless there is only the one in centred
//	sentences  the vectors of its pairs of sentences
//	fresh      whether the row is not yet in the index of its language
//
// pieces and sentences are NULL or empty if there are none. Migration 0006 creates the
// same table.
//
// Vectors are kept in the row as far as they fit on a page. Fetching them from TOAST
// makes a search far slower, and compressing them saves nothing.
func centredTableDDL(table string, dimensions int) []string {
	ddl := []string{
		fmt.Sprintf(`CREATE TABLE %s (
			document_id   text COLLATE "C" NOT NULL,
			ordinal       integer NOT NULL,
			kind          smallint NOT NULL,
			fresh         boolean NOT NULL,
			language      text COLLATE "C" NOT NULL,
			language_code text NOT NULL,
			publish_time  timestamptz,
			source        text NOT NULL,
			centred       halfvec(%d) NOT NULL,
			pieces        halfvec[],
			sentences     halfvec[],
			PRIMARY KEY (document_id, ordinal)) WITH (toast_tuple_target = 8160)`, table, dimensions),
		// This index tells which languages there are and how many rows each has.
		"CREATE INDEX ON " + table + " (language, kind, publish_time)",
		"CREATE INDEX ON " + table + " (source)",
		"CREATE INDEX ON " + table + " (language) WHERE fresh",
		"ALTER TABLE " + table + ` ALTER COLUMN pieces SET STORAGE EXTERNAL, ALTER COLUMN sentences SET STORAGE EXTERNAL,
			ALTER COLUMN centred SET STATISTICS 0, ALTER COLUMN pieces SET STATISTICS 0, ALTER COLUMN sentences SET STATISTICS 0`,
	}
	const bytesInPage = 7_000 // of 8 KiB; the rest is for the other columns
	if 2*dimensions <= bytesInPage {
		ddl = append(ddl, "ALTER TABLE "+table+" ALTER COLUMN centred SET STORAGE PLAIN")
	}
	return ddl
}

func vectorType(dimensions int) string {
	if dimensions > maxVectorDimensions {
		return "halfvec"
	}
	return "vector"
}

// vectorValue returns a vector of a space as pgx sends it.
func vectorValue(v []float32) any {
	if len(v) > maxVectorDimensions {
		return pgvector.NewHalfVector(v)
	}
	return pgvector.NewVector(v)
}

// centredValue returns a vector that is compared with centred ones as pgx sends it.
func centredValue(v []float32) any { return pgvector.NewHalfVector(v) }

func quoteTable(name string) string { return pgx.Identifier{name}.Sanitize() }
