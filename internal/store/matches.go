package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxPostings bounds the passages of a language that a search without a filter
// compares with the query: those that hold one of its rarest terms. At 100,000
// passages that keeps 98 % of the first hundred in a fourth of the time of
// comparing all (design, Retrieval 3).
const maxPostings = 10_000

// TermCounts returns, of each language that is asked about, how many ranked
// passages it has and how many of them hold each of the terms.
func (s *Store) TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (counts map[string]lexical.Counts, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		counts, err = termCounts(ctx, s.pool, sp, terms)
		return err
	})
	return counts, err
}

// rowsQuerier is the pool or a transaction.
type rowsQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func termCounts(ctx context.Context, db rowsQuerier, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error) {
	counts := make(map[string]lexical.Counts, len(terms))
	var (
		languages []string
		asked     []int32
	)
	for language, ids := range terms {
		counts[language] = lexical.Counts{Holding: map[int32]int{}}
		for _, id := range append([]int32{countPassages}, ids...) {
			languages, asked = append(languages, language), append(asked, id)
		}
	}
	rows, err := db.Query(ctx, fmt.Sprintf(`WITH asked AS (
			SELECT DISTINCT * FROM unnest($1::text[], $2::integer[]) asked(language, term))
		SELECT language, term, sum(n)::bigint FROM (
			SELECT language, term, counts.passages AS n FROM asked JOIN %s counts USING (language, term)
			UNION ALL
			SELECT changes.language, change.term, change.n FROM %s changes, unnest(changes.terms, changes.passages) change(term, n)
				JOIN asked USING (term) WHERE asked.language = changes.language) counted (language, term, n)
		GROUP BY language, term`, countsTable(sp.Terms.Table), changesTable(sp.Terms.Table)), languages, asked)
	if err != nil {
		return nil, err
	}
	var (
		language string
		term     int32
		n        int
	)
	_, err = pgx.ForEachRow(rows, []any{&language, &term, &n}, func() error {
		c := counts[language]
		if term == countPassages {
			c.Passages = n
		} else {
			c.Holding[term] = n
		}
		counts[language] = c
		return nil
	})
	return counts, err
}

// Matches returns the passages of a collection that match a question best, up to
// limit of each language that a query is given for, best first within a language,
// ties by document id and ordinal. Where more than languages filter, and in a
// language with no more than maxPostings passages, these are exactly those of
// brute force over the filter; else those among the passages that hold the rarest
// terms.
func (s *Store) Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, err error) {
	q, some := matchesQuery(sp, queries, f, limit)
	if !some {
		return nil, nil
	}
	return s.matches(ctx, q)
}

// MatchScores returns how well the passages that the keys name match, in no
// order; those that are gone and those that share no term are left out.
func (s *Store) MatchScores(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey) ([]document.Match, error) {
	var (
		q     query
		lists []string
	)
	names := unnestKeys(&q, keys)
	for _, language := range slices.Sorted(maps.Keys(queries)) {
		lists = append(lists, fmt.Sprintf(`SELECT v.document_id, v.ordinal, v.language, v.weights <#> %s AS distance
			FROM %s k(document_id, ordinal) JOIN %s v USING (document_id, ordinal) WHERE v.language = %s`,
			q.arg(sparse(queries[language].Weights)), names, quoteTable(sp.Terms.Table), q.arg(language)))
	}
	if len(keys) == 0 || len(lists) == 0 {
		return nil, nil
	}
	q.text = "SELECT document_id, ordinal, language, -distance FROM (" + strings.Join(lists, " UNION ALL ") + ") scored WHERE distance < 0"
	return s.matches(ctx, q)
}

// matchesQuery builds one statement of a list a language; some is false where
// no passage can pass.
func matchesQuery(sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (q query, some bool) {
	table, n := quoteTable(sp.Terms.Table), q.arg(limit)
	exact := !onlyLanguages(f)
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = rankedKinds
	}
	q.where("v.kind = ANY(" + q.arg(kindNumbers(kinds)) + ")")
	if len(f.Languages) > 0 {
		q.where(languageRanges(&q, "v.language_code", f.Languages))
	}
	filterVectors(&q, f, sp.Collection)
	var lists []string
	for _, language := range slices.Sorted(maps.Keys(queries)) {
		query := queries[language]
		if len(query.Weights) == 0 || !f.MayHold(language) {
			continue
		}
		terms, most := query.Terms(), ""
		if !exact {
			terms = query.Rarest(maxPostings)
			most = fmt.Sprintf(" LIMIT %d", maxPostings) // where even the rarest is more frequent
		}
		lists = append(lists, fmt.Sprintf(`(SELECT document_id, ordinal, language, weights <#> %s AS distance FROM (
				SELECT * FROM %s v WHERE v.language = %s AND v.terms && %s::integer[] AND %s%s) held
			ORDER BY distance, document_id, ordinal LIMIT %s)`,
			q.arg(sparse(query.Weights)), table, q.arg(language), q.arg(terms), q.conditions(), most, n))
	}
	q.text = "SELECT document_id, ordinal, language, -distance FROM (" + strings.Join(lists, " UNION ALL ") +
		") matched ORDER BY language, distance, document_id, ordinal"
	return q, len(lists) > 0
}

// matches asks in one round trip; what it sets ends with the batch.
func (s *Store) matches(ctx context.Context, q query) (list []document.Match, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		var batch pgx.Batch
		batch.Queue("SELECT set_config('jit', 'off', true)") // compiling the plan would take longer than the search
		batch.Queue(q.text, q.args...).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m document.Match, err error) {
				err = row.Scan(&m.Document, &m.Ordinal, &m.Language, &m.Score)
				return m, err
			})
			return err
		})
		return s.pool.SendBatch(ctx, &batch).Close()
	})
	return list, err
}
