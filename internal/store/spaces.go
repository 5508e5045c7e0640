package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/space"
)

// Dimensions that pgvector's types hold (its README): a vector column may be
// indexed up to 2,000, a halfvec one up to 4,000 and stored up to 16,000.
const (
	maxVectorDimensions  = 2_000
	maxHalfvecIndexed    = 4_000
	maxHalfvecDimensions = 16_000
)

// vectorTablePrefix begins the name of every table of vectors.
const vectorTablePrefix = "vectors_"

// createSpace records a space as ACTIVE and makes the table of its vectors.
func createSpace(ctx context.Context, tx pgx.Tx, collection string, sp space.Space) error {
	if sp.Dimensions < 1 || sp.Dimensions > maxHalfvecDimensions {
		return fmt.Errorf("model %s has %d dimensions; pgvector stores 1 to %d", sp.Model, sp.Dimensions, maxHalfvecDimensions)
	}
	var table string
	err := tx.QueryRow(ctx, `INSERT INTO spaces (collection_id, space_id, state, model, dimensions, windowing, profile, vector_table)
		VALUES ($1, $2, 'ACTIVE', $3, $4, $5, $6, $7 || nextval('vector_tables')) RETURNING vector_table`,
		collection, sp.ID, sp.Model, sp.Dimensions, space.WindowingVersion, sp.Profile, vectorTablePrefix).Scan(&table)
	if err != nil {
		return fmt.Errorf("create space: %w", err)
	}
	for _, ddl := range vectorTableDDL(quoteTable(table), sp.Dimensions) {
		if _, err := tx.Exec(ctx, ddl); err != nil {
			return fmt.Errorf("create table of vectors: %w", err)
		}
	}
	return nil
}

// vectorTableDDL makes a space's table: a row a window, with what filters ask
// for beside the vector, so that a filtered search reads one table. language is
// the primary subtag, which lists and indexes go by. Vectors that fit a page are
// kept in the row: fetching them from TOAST makes an exact search slower by far.
func vectorTableDDL(table string, dimensions int) []string {
	ddl := []string{
		fmt.Sprintf(`CREATE TABLE %s (
			document_id   text COLLATE "C" NOT NULL,
			ordinal       integer NOT NULL,
			window_number integer NOT NULL,
			kind          smallint NOT NULL,
			language      text COLLATE "C" NOT NULL,
			language_code text NOT NULL,
			publish_time  timestamptz,
			source        text NOT NULL,
			embedding     %s(%d) NOT NULL,
			PRIMARY KEY (document_id, ordinal, window_number))`, table, vectorType(dimensions), dimensions),
		// Says which languages there are and how many rows they have.
		"CREATE INDEX ON " + table + " (language, kind)",
	}
	const bytesInPage = 7_000 // of 8 KiB, the rest for the other columns
	if vectorBytes(dimensions) <= bytesInPage {
		ddl = append(ddl, "ALTER TABLE "+table+" ALTER COLUMN embedding SET STORAGE PLAIN")
	}
	return ddl
}

func vectorType(dimensions int) string {
	if dimensions > maxVectorDimensions {
		return "halfvec"
	}
	return "vector"
}

func vectorBytes(dimensions int) int {
	if dimensions > maxVectorDimensions {
		return 2 * dimensions
	}
	return 4 * dimensions
}

// vectorValue is what pgx sends for a vector of a space.
func vectorValue(v []float32) any {
	if len(v) > maxVectorDimensions {
		return pgvector.NewHalfVector(v)
	}
	return pgvector.NewVector(v)
}

func quoteTable(name string) string { return pgx.Identifier{name}.Sanitize() }

// vectorTables returns the tables of vectors of a collection's spaces.
func vectorTables(ctx context.Context, tx pgx.Tx, collection string) ([]string, error) {
	rows, err := tx.Query(ctx, "SELECT vector_table FROM spaces WHERE collection_id = $1", collection)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
