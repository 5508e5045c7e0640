package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// Limits of pgvector's sparsevec (see its README): the highest dimension, which is the
// number of the last term, and the maximum number of non-zero entries. A passage with more
// terms keeps those with the highest weights.
const (
	sparseDimensions = 1_000_000_000
	maxSparse        = 16_000
)

// Suffixes of the tables that belong to a collection's table of terms.
const (
	countsSuffix  = "_counts"
	changesSuffix = "_changes"
)

func countsTable(terms string) string  { return quoteTable(terms + countsSuffix) }
func changesTable(terms string) string { return quoteTable(terms + changesSuffix) }

// countPassages and countLengths stand for a term in the counts. The number of passages of
// a language, and the sum of their lengths, are stored under them.
const (
	countPassages = 0
	countLengths  = -1
)

// copyTerms writes the terms of documents' passages, which must not exist yet, and
// appends the change of the counts.
func (g *group) copyTerms(ctx context.Context, tx pgx.Tx, members []*member, averages map[string]float64) error {
	table := g.spaces[0].Terms.Table
	counts := map[string]map[int32]int64{}
	var rows [][]any
	for _, m := range members {
		for _, r := range m.terms {
			terms, weights := r.weigh(averages[r.language])
			rows = append(rows, []any{
				m.Document.ID, r.passage.Ordinal, int16(r.passage.Kind), r.language, r.passage.LanguageCode,
				publishTime(m.Document), m.Document.Source, len(r.terms), terms, weights,
			})
			r.addTo(counts, terms)
		}
	}
	err := copyRows(ctx, tx, table, []string{
		"document_id", "ordinal", "kind", "language", "language_code", "publish_time", "source", "length", "terms", "weights",
	}, rows)
	if err != nil {
		return err
	}
	var changes [][]any
	for language, counted := range counts {
		terms := slices.Sorted(maps.Keys(counted))
		passages := make([]int64, len(terms))
		for i, term := range terms {
			passages[i] = counted[term]
		}
		changes = append(changes, []any{language, terms, passages})
		g.counted += len(terms)
	}
	return copyRows(ctx, tx, table+changesSuffix, []string{"language", "terms", "passages"}, changes)
}

// addTo adds a passage with the given distinct terms to counts, unless its kind is not
// ranked by default.
func (p passageTerms) addTo(counts map[string]map[int32]int64, terms []int32) {
	if !slices.Contains(rankedKinds, p.passage.Kind) {
		return
	}
	counted := counts[p.language]
	if counted == nil {
		counted = map[int32]int64{}
		counts[p.language] = counted
	}
	counted[countPassages]++
	counted[countLengths] += int64(len(p.terms))
	for _, id := range terms {
		counted[id]++
	}
}

// queueTermRemoval queues the statements that delete the terms of documents' passages.
func queueTermRemoval(batch *pgx.Batch, table string, ids []string) {
	queueTermCounts(batch, table, ids, -1)
	batch.Queue("DELETE FROM "+quoteTable(table)+" WHERE document_id = ANY($1)", ids)
}

// queueTermCounts queues the statement that appends the change of the counts for the stored
// passages of documents. sign is 1 to add them and -1 to subtract them. It counts in the
// same way as addTo.
func queueTermCounts(batch *pgx.Batch, table string, ids []string, sign int) {
	batch.Queue(fmt.Sprintf(`INSERT INTO %s (language, terms, passages)
		SELECT language, array_agg(term), array_agg($3 * n) FROM (
			SELECT language, term, count(*) AS n FROM %[2]s, unnest(terms || %[3]d) term
				WHERE document_id = ANY($1) AND kind = ANY($2) GROUP BY language, term
			UNION ALL SELECT language, %[4]d, sum(length) FROM %[2]s
				WHERE document_id = ANY($1) AND kind = ANY($2) GROUP BY language) counted
		GROUP BY language`, changesTable(table), quoteTable(table), countPassages, countLengths), ids, kindNumbers(rankedKinds), sign)
}

// passageTerms are the terms of one passage.
type passageTerms struct {
	passage  document.Passage
	language string // primary subtag
	terms    []lexical.Term
}

// readTerms returns the terms of passages, in order. The passages of the longest document
// take seconds, so it stops when ctx ends.
func readTerms(ctx context.Context, passages []document.Passage) ([]passageTerms, error) {
	out := make([]passageTerms, len(passages))
	for i, p := range passages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = passageTerms{p, document.PrimarySubtag(p.LanguageCode), lexical.Terms(p.Text, p.LanguageCode)}
	}
	return out, nil
}

// weigh returns the distinct terms of a passage, in order, and their weights.
func (p passageTerms) weigh(averageLength float64) ([]int32, pgvector.SparseVector) {
	weights := lexical.Weights(p.terms, averageLength)
	ids := slices.AppendSeq(make([]int32, 0, len(weights)), maps.Keys(weights)) // never nil, since nil would be stored as NULL
	if len(ids) > maxSparse {
		slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b)) })
		for _, id := range ids[maxSparse:] {
			delete(weights, id)
		}
		ids = ids[:maxSparse]
	}
	slices.Sort(ids)
	return ids, sparseVector(weights)
}

// sparseVector returns weights by term as a sparse vector. Term 1 is its first
// dimension, which pgvector-go numbers 0.
func sparseVector(weights map[int32]float32) pgvector.SparseVector {
	elements := make(map[int32]float32, len(weights))
	for id, w := range weights {
		elements[id-1] = w
	}
	return pgvector.NewSparseVectorFromMap(elements, sparseDimensions)
}

// queueAverages queues the statements that read each language's BM25 reference length
// into the returned map, and lock it for the rest of the transaction. A new language
// gets the one for the mean length of its first passages.
func queueAverages(batch *pgx.Batch, collection string, members []*member) map[string]float64 {
	var read []passageTerms
	for _, m := range members {
		read = append(read, m.terms...)
	}
	return queueAverageLengths(batch, collection, read)
}

func queueAverageLengths(batch *pgx.Batch, collection string, read []passageTerms) map[string]float64 {
	lengths, passages := map[string]float64{}, map[string]float64{}
	for _, r := range read {
		lengths[r.language] += float64(len(r.terms))
		passages[r.language]++
	}
	averages := map[string]float64{}
	if len(lengths) == 0 {
		return averages
	}
	languages := slices.Sorted(maps.Keys(lengths)) // in one order, so that two writers cannot deadlock
	reference := make([]float64, len(languages))
	for i, language := range languages {
		reference[i] = referenceLength(lengths[language] / passages[language])
	}
	batch.Queue(`INSERT INTO term_languages (collection_id, language, average_length)
		SELECT $1, language, length FROM unnest($2::text[], $3::float8[]) WITH ORDINALITY AS new(language, length, place) ORDER BY place
		ON CONFLICT DO NOTHING`, collection, languages, reference)
	batch.Queue(`SELECT language, average_length FROM term_languages WHERE collection_id = $1 AND language = ANY($2)
		ORDER BY language FOR SHARE`, collection, languages).Query(func(rows pgx.Rows) error {
		var (
			language string
			average  float64
		)
		_, err := pgx.ForEachRow(rows, []any{&language, &average}, func() error {
			averages[language] = average
			return nil
		})
		return err
	})
	return averages
}

// referenceLength returns the reference length for passages with a mean length: the power of
// lengthStep that is nearest to it, and at least 1.
func referenceLength(mean float64) float64 {
	return math.Pow(lengthStep, math.Round(math.Log(max(1, mean))/math.Log(lengthStep)))
}
