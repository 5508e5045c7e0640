package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
)

// The largest dimensions of pgvector's types (see its README). A vector column can be
// indexed up to 2,000. A halfvec column can be indexed up to 4,000 and stored up to 16,000.
const (
	maxVectorDimensions  = 2_000
	maxHalfvecIndexed    = 4_000
	maxHalfvecDimensions = 16_000
)

// Prefixes of the tables that belong to a space, a calibration and a collection.
const (
	vectorTablePrefix  = "vectors_"
	centredTablePrefix = "centred_"
	termTablePrefix    = "terms_"
)

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
		// This index serves the counts by language that follow every write.
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
//	signature  the version of the collection's terms, and the signature of the passage's terms
//
// pieces and sentences are NULL or empty if there are none. signature is NULL if there are no
// terms, or if the row is older than signatures. Migrations 0006 and 0015 create the same
// table.
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
			signature     varbit,
			PRIMARY KEY (document_id, ordinal)) WITH (toast_tuple_target = 8160)`, table, dimensions),
		// This index serves the queries for the languages and their numbers of rows.
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

// centredValue returns, as pgx sends it, a vector that is compared with centred vectors.
func centredValue(v []float32) any { return pgvector.NewHalfVector(v) }

func quoteTable(name string) string { return pgx.Identifier{name}.Sanitize() }

// termIndexOptions are the options of the index of terms. New entries go to a pending
// list of at most 256 kB, which every search also reads. Over 20,000 passages, that
// costs .07 ms per row, and up to .3 ms per search. Without the list a row costs .24
// ms. With a list of 4 MB a row costs .04 ms, and a search 1.8 ms. KeepTerms empties
// the list.
const termIndexOptions = "fastupdate = on, gin_pending_list_limit = 256"

// createTermTables creates the tables of a collection's terms.
//
// The first one has one row per passage, with the columns that filters need. Its rows
// are not moved to TOAST as long as they fit on a page: fetching weights from there
// would cost more than everything else. See termIndexOptions for its index.
//
// For the numbers of passages, segments and postings, see add_postings in the schema.
//
// Counts and changes together say how many passages of a language contain a term. A
// write only appends one row to the changes, so that no two writers wait for each
// other. From time to time changes are folded into the counts.
func createTermTables(ctx context.Context, tx pgx.Tx, name string) error {
	table := quoteTable(name)
	err := createTable(ctx, tx, []string{
		fmt.Sprintf(`CREATE TABLE %s (
			document_id    text COLLATE "C" NOT NULL,
			ordinal        integer NOT NULL,
			kind           smallint NOT NULL,
			language       text COLLATE "C" NOT NULL,
			language_code  text NOT NULL,
			publish_time   timestamptz,
			source         text NOT NULL,
			length         integer NOT NULL,
			terms          integer[] NOT NULL,
			weights        sparsevec(%d) NOT NULL,
			PRIMARY KEY (document_id, ordinal)) WITH (toast_tuple_target = 8160)`, table, sparseDimensions),
		"CREATE INDEX ON " + table + " USING gin (terms) WITH (" + termIndexOptions + ")",
		"CREATE INDEX ON " + table + " (language, document_id)",
		"CREATE INDEX ON " + table + " (publish_time)",
		"CREATE INDEX ON " + table + " (source)",
		fmt.Sprintf(`CREATE TABLE %s (
			language text COLLATE "C" NOT NULL,
			term     integer NOT NULL,
			passages bigint NOT NULL,
			PRIMARY KEY (language, term))`, countsTable(name)),
		fmt.Sprintf(`CREATE TABLE %s (
			change   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			language text COLLATE "C" NOT NULL,
			terms    integer[] NOT NULL,
			passages bigint[] NOT NULL)`, changesTable(name)),
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "SELECT add_postings($1)", name)
	return err
}

// dropTableDDL returns the statement that drops a table.
func dropTableDDL(table string) string { return "DROP TABLE " + quoteTable(table) }

// buildIndexDDL returns the statement that builds the vector index of a language without
// blocking writers.
func buildIndexDDL(t centredTable, language string) string {
	return fmt.Sprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s ON %s USING hnsw (centred halfvec_ip_ops) WHERE %s",
		quoteTable(indexName(t.name, language)), quoteTable(t.name), indexPredicate(language))
}

// dropIndexDDL returns the statement that drops the vector index of a language, such as
// one whose build was interrupted.
func dropIndexDDL(t centredTable, language string) string {
	return "DROP INDEX CONCURRENTLY IF EXISTS " + quoteTable(indexName(t.name, language))
}

// termIndexDDL returns the statement that gives an index of terms, by its quoted name, the
// current options.
func termIndexDDL(index string) string {
	return "ALTER INDEX " + index + " SET (" + termIndexOptions + ")"
}
