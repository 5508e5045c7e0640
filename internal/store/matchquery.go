package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// maxPostings bounds the passages of a language that a search without a filter,
// or with one that lets more through, compares with the query: those that hold one
// of its rarest terms. At 100,000 passages that keeps 98 % of the first hundred in
// a sixteenth of the time of comparing all (BenchmarkMatches).
//
// fewPostings bounds those that are compared first, then somePostings: if the last of
// the limit that they give scores more than usualWeight times what the other terms of
// the query add up to at a weight of 1, a passage that holds these alone is not likely
// to come in, and no more are compared. A term weighs 1 in a passage of the mean
// length that has it once, at most 2.2. Questions of 2 to 12 words over 18,000
// passages of storetest.Corpus: recall of the first hundred as with maxPostings alone,
// within .0005, with 1,300 to 2,400 passages compared instead of 2,000 to 4,900. With
// a usualWeight of 1 it is lower by up to .016. Smaller first steps take more of them.
//
// morePostings bounds them where a filter leaves few of these.
const (
	fewPostings  = 2_000
	somePostings = 4_000
	maxPostings  = 8_000
	morePostings = 100_000
	usualWeight  = 1.3
)

// matches asks for what matchQuery says.
func (s *Store) matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) (list []document.Match, err error) {
	q := matchQuery(sp, queries, f, most, limit)
	if q.text == "" {
		return nil, nil
	}
	settings := quickly
	if !narrows(f) {
		settings += ", " + onePlan
	}
	return list, s.send(ctx, settings, matchesOf(q, &list))
}

// matchesOf is a statement that reads matches.
func matchesOf(q query, list *[]document.Match) asked {
	return asked{q, func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m document.Match, err error) {
			err = row.Scan(&m.Document, &m.Ordinal, &m.Language, &m.Score)
			return m, err
		})
		return err
	}}
}

// matchQuery selects a list a language; it is empty if there is none. Of those with an
// entry in most only passages are compared that hold one of their rarest terms, and no
// more than it says.
func matchQuery(sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) (q query) {
	var lists []string
	n := q.arg(limit)
	passageConditions(&q, sp.Collection, f)
	for _, language := range slices.Sorted(maps.Keys(queries)) {
		query := queries[language]
		terms := [][]int32{query.Terms()}
		if ranked(f.Kinds) {
			terms[0] = query.Held()
		}
		bound := ""
		if m, ok := most[language]; ok {
			terms = termSteps(query, m)
			bound = fmt.Sprintf(" LIMIT %d", m) // where even the rarest is more frequent
		}
		if len(terms[0]) == 0 || !f.MayHold(language) {
			continue
		}
		held := fmt.Sprintf("SELECT document_id, ordinal, language, weights <#> %s AS distance FROM %s v WHERE v.language = %s AND %s",
			q.arg(sparse(query.Weights)), quoteTable(sp.Terms.Table), q.arg(language), q.conditions())
		lists = append(lists, fmt.Sprintf("(%s ORDER BY distance, document_id, ordinal LIMIT %s)", matchSteps(&q, query, held, bound, n, terms), n))
	}
	if len(lists) == 0 {
		return query{}
	}
	q.text = "SELECT document_id, ordinal, language, -distance FROM (" + strings.Join(lists, " UNION ALL ") +
		") matched ORDER BY language, distance, document_id, ordinal"
	return q
}

// termSteps returns the rarest terms of a query that no more than most passages hold,
// in the steps in which their passages are compared.
func termSteps(query lexical.Query, most int) (steps [][]int32) {
	done := 0
	for _, m := range []int{fewPostings, somePostings, most} {
		if terms := query.Rarest(min(m, most)); len(steps) == 0 || len(terms) > done {
			steps, done = append(steps, terms[done:]), len(terms)
		}
	}
	return steps
}

// matchSteps is a table of what held selects, with a bound, of the passages that hold
// a term of each step, as long as more may be among the first n. A passage holds none
// of the terms of the steps before if its product with any weights of these is 0,
// which is told faster than from its list of terms.
func matchSteps(q *query, query lexical.Query, held, bound, n string, steps [][]int32) string {
	step := held + " AND v.terms && %s::integer[]%s" + bound
	tables := []string{"step0 AS MATERIALIZED (" + fmt.Sprintf(step, q.arg(steps[0]), "") + ")"}
	seen, before := "SELECT * FROM step0", map[int32]float32{}
	for i, terms := range steps[1:] {
		for _, id := range steps[i] {
			before[id] = 1
		}
		more := fmt.Sprintf(" AND v.weights <#> %s = 0 AND coalesce((SELECT distance FROM (%s) seen ORDER BY distance OFFSET %s - 1 LIMIT 1), 0) > %s",
			q.arg(sparse(before)), seen, n, q.arg(-usualWeight*query.Rest(before)))
		tables = append(tables, fmt.Sprintf("step%d AS MATERIALIZED (%s)", i+1, fmt.Sprintf(step, q.arg(terms), more)))
		seen += fmt.Sprintf(" UNION ALL SELECT * FROM step%d", i+1)
	}
	return "WITH " + strings.Join(tables, ", ") + " SELECT * FROM (" + seen + ") held"
}

// byDates reports whether the passages that a filter lets through are found by their
// dates, and the rest of it looks at each of them.
func byDates(f document.Filter) bool {
	return f.PublishedAfter != nil && f.PublishedBefore != nil && ranked(f.Kinds) && plannedOnce(f, nil)
}

// matchesByDates compares all passages that a filter by dates lets through, which are
// few, and reads their terms with them. Its plan is made once: planning took longer than
// all else, and so did looking for terms in an index before.
func (s *Store) matchesByDates(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, err error) {
	var (
		q       query
		lists   []string
		match   document.Match
		terms   document.PassageTerms
		weights pgvector.SparseVector
	)
	n := q.arg(limit)
	passageConditions(&q, sp.Collection, f)
	for _, language := range slices.Sorted(maps.Keys(queries)) {
		if !f.MayHold(language) || len(queries[language].Held()) == 0 {
			continue
		}
		lists = append(lists, fmt.Sprintf(`(SELECT * FROM (SELECT v.document_id, v.ordinal, v.language, v.length, v.weights, v.weights <#> %s AS distance FROM %s v
			WHERE v.language = %s AND %s OFFSET 0) held WHERE distance < 0 ORDER BY distance, document_id, ordinal LIMIT %s)`,
			q.arg(sparse(queries[language].Weights)), quoteTable(sp.Terms.Table), q.arg(language), q.conditions(), n))
	}
	if len(lists) == 0 {
		return nil, nil
	}
	q.text = "SELECT document_id, ordinal, language, length, weights, -distance FROM (" + strings.Join(lists, " UNION ALL ") +
		") matched ORDER BY language, distance, document_id, ordinal"
	targets := []any{&match.Document, &match.Ordinal, &match.Language, &terms.Length, &weights, &match.Score}
	return list, s.send(ctx, quickly+", "+onePlan, each(q, targets, func() {
		read := terms
		read.Language, read.Score = match.Language, match.Score
		read.IDs, read.Weights = termsIn(weights)
		match.Terms = &read
		list = append(list, match)
	}))
}
