package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// Bounds of pgvector's sparsevec (its README): the number of the last dimension,
// which is that of the last term, and how many of a value may differ from 0. A
// passage that has more terms keeps those that weigh most.
const (
	sparseDimensions = 1_000_000_000
	maxSparse        = 16_000
)

// What the names of the tables beside a collection's table of terms end in.
const (
	countsSuffix  = "_counts"
	changesSuffix = "_changes"
)

func countsTable(terms string) string  { return quoteTable(terms + countsSuffix) }
func changesTable(terms string) string { return quoteTable(terms + changesSuffix) }

// Numbers that no term has, under which a language's passages are counted and
// the lengths of them added up.
const (
	countPassages = 0
	countLengths  = -1
)

// createTermTables makes the tables of a collection's terms.
//
// The first holds a row a passage, with what filters ask for. Its rows stay whole
// up to a page: fetching weights from TOAST would cost more than all else. The
// index is written at once, since one with a list of what is pending makes every
// search after an import read that list.
//
// Counts and changes together say how many passages of a language hold a term.
// A write appends to the changes alone, one row, so that no two writers wait for
// each other's; now and then they are folded into the counts.
func createTermTables(ctx context.Context, tx pgx.Tx, name string) error {
	table := quoteTable(name)
	return createTable(ctx, tx, []string{
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
		"CREATE INDEX ON " + table + " USING gin (terms) WITH (fastupdate = off)",
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
}

// replaceTerms writes the terms of a document's passages in place of those that
// are there.
func replaceTerms(ctx context.Context, tx pgx.Tx, table string, d document.Document, passages []document.Passage) error {
	if err := deleteTerms(ctx, tx, table, d.ID); err != nil {
		return err
	}
	read := readTerms(passages)
	averages, err := averageLengths(ctx, tx, d.Collection, read)
	if err != nil {
		return err
	}
	rows := make([][]any, len(read))
	for i, r := range read {
		terms, weights := r.weigh(averages[r.language])
		rows[i] = []any{
			d.ID, r.passage.Ordinal, int16(r.passage.Kind), r.language, r.passage.LanguageCode,
			publishTime(d), d.Source, len(r.terms), terms, weights,
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{table}, []string{
		"document_id", "ordinal", "kind", "language", "language_code", "publish_time", "source", "length", "terms", "weights",
	}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("write terms: %w", err)
	}
	return countTerms(ctx, tx, table, d.ID, +1)
}

// deleteTerms removes the terms of a document's passages.
func deleteTerms(ctx context.Context, tx pgx.Tx, table, id string) error {
	if err := countTerms(ctx, tx, table, id, -1); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM "+quoteTable(table)+" WHERE document_id = $1", id)
	return err
}

// countTerms appends a change of the counts: each passage of a document counts
// sign times. Those that are not ranked unless asked for do not count.
func countTerms(ctx context.Context, tx pgx.Tx, table, id string, sign int) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %s (language, terms, passages)
		SELECT language, array_agg(term), array_agg($3 * n) FROM (
			SELECT language, term, count(*) AS n FROM %[2]s, unnest(terms || %[3]d) term
				WHERE document_id = $1 AND kind = ANY($2) GROUP BY language, term
			UNION ALL SELECT language, %[4]d, sum(length) FROM %[2]s
				WHERE document_id = $1 AND kind = ANY($2) GROUP BY language) counted
		GROUP BY language`, changesTable(table), quoteTable(table), countPassages, countLengths), id, kindNumbers(rankedKinds), sign)
	if err != nil {
		return fmt.Errorf("count terms: %w", err)
	}
	return nil
}

// passageTerms are the terms of one passage.
type passageTerms struct {
	passage  document.Passage
	language string // primary subtag
	terms    []lexical.Term
}

func readTerms(passages []document.Passage) []passageTerms {
	out := make([]passageTerms, len(passages))
	for i, p := range passages {
		out[i] = passageTerms{p, document.PrimarySubtag(p.LanguageCode), lexical.Terms(p.Text, p.LanguageCode)}
	}
	return out
}

// weigh returns the different terms of a passage, in order, and their weights.
func (p passageTerms) weigh(averageLength float64) ([]int32, pgvector.SparseVector) {
	weights := lexical.Weights(p.terms, averageLength)
	ids := slices.AppendSeq(make([]int32, 0, len(weights)), maps.Keys(weights)) // of none, not NULL
	if len(ids) > maxSparse {
		slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b)) })
		for _, id := range ids[maxSparse:] {
			delete(weights, id)
		}
		ids = ids[:maxSparse]
	}
	slices.Sort(ids)
	return ids, sparse(weights)
}

// sparse returns weights by term as pgvector's value, of which term 1 is the
// first dimension; pgvector-go counts from 0.
func sparse(weights map[int32]float32) pgvector.SparseVector {
	elements := make(map[int32]float32, len(weights))
	for id, w := range weights {
		elements[id-1] = w
	}
	return pgvector.NewSparseVectorFromMap(elements, sparseDimensions)
}

// averageLengths returns the lengths against which weights in each language are
// held, and keeps them until the transaction ends. The first passages of a
// language say what is usual in it until there are more.
func averageLengths(ctx context.Context, tx pgx.Tx, collection string, read []passageTerms) (map[string]float64, error) {
	lengths, passages := map[string]float64{}, map[string]float64{}
	for _, r := range read {
		lengths[r.language] += float64(len(r.terms))
		passages[r.language]++
	}
	averages := map[string]float64{}
	for _, language := range slices.Sorted(maps.Keys(lengths)) { // in one order, lest two writers wait for each other
		_, err := tx.Exec(ctx, `INSERT INTO term_languages (collection_id, language, average_length) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, collection, language, max(1, lengths[language]/passages[language]))
		if err != nil {
			return nil, err
		}
		var average float64
		err = tx.QueryRow(ctx, "SELECT average_length FROM term_languages WHERE collection_id = $1 AND language = $2 FOR SHARE",
			collection, language).Scan(&average)
		if err != nil {
			return nil, err
		}
		averages[language] = average
	}
	return averages, nil
}
