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

// maxPostings bounds the passages of a language that a search compares with the query if it
// has no filter, or a filter that many passages pass. It compares those with the rarest
// terms. At 100,000 passages this finds 98 % of the first hundred in a sixteenth of the
// time that comparing all takes (BenchmarkMatches).
//
// The search goes in steps: fewPostings bounds the passages that are compared first, and
// somePostings those that come next. A term weighs 1 in a passage of mean length that has
// it once, and at most 2.2. The search stops when the last of the limit best scores is more
// than usualWeight times the score of a passage in which each remaining term weighs 1. A
// passage with only remaining terms is then unlikely to rank. This was measured with
// questions of 2 to 12 words over 18,000 passages of storetest.Corpus. The recall of the
// first hundred is within .0005 of that of maxPostings alone, with 1,300 to 2,400 passages
// compared instead of 2,000 to 4,900. A usualWeight of 1 lowers recall by up to .016.
// Smaller first steps cost more recall.
//
// morePostings takes the place of maxPostings if few of the compared passages match the
// filter.
const (
	fewPostings  = 2_000
	somePostings = 4_000
	maxPostings  = 8_000
	morePostings = 100_000
	usualWeight  = 1.3
)

// matches runs matchQuery.
func (s *Store) matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) (list []document.Match, err error) {
	q := matchQuery(sp, queries, f, most, limit)
	if q.text == "" {
		return nil, nil
	}
	settings := fastPlan
	if !narrowsLanguage(f) {
		settings += ", " + genericPlan
	}
	return list, s.send(ctx, settings, matchesStatement(q, &list))
}

// matchesStatement returns the statement that reads matches into list.
func matchesStatement(q query, list *[]document.Match) statement {
	return statement{q, func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m document.Match, err error) {
			err = row.Scan(&m.Document, &m.Ordinal, &m.Language, &m.Score)
			return m, err
		})
		return err
	}}
}

// matchQuery selects the best matches of each language. The query is empty if there is
// nothing to select. For a language that has a number in most, it compares only passages with
// the rarest terms, and no more than that number.
func matchQuery(sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) (q query) {
	var lists []string
	n := q.arg(limit)
	passageConditions(&q, sp.Collection, f)
	for _, language := range slices.Sorted(maps.Keys(queries)) {
		query := queries[language]
		terms := [][]int32{query.Terms()}
		if onlyRanked(f.Kinds) {
			terms[0] = query.Held()
		}
		bound := ""
		if m, ok := most[language]; ok {
			terms = termSteps(query, m)
			bound = fmt.Sprintf(" LIMIT %d", m) // needed if even the rarest term is more frequent
		}
		if len(terms[0]) == 0 || !f.MayHold(language) {
			continue
		}
		selection := fmt.Sprintf("SELECT document_id, ordinal, language, weights <#> %s AS distance FROM %s v WHERE v.language = %s AND %s",
			q.arg(sparseVector(query.Weights)), quoteTable(sp.Terms.Table), q.arg(language), q.conditions())
		lists = append(lists, fmt.Sprintf("(%s ORDER BY distance, document_id, ordinal LIMIT %s)", matchSteps(&q, query, selection, bound, n, terms), n))
	}
	if len(lists) == 0 {
		return query{}
	}
	q.text = "SELECT document_id, ordinal, language, -distance FROM (" + strings.Join(lists, " UNION ALL ") +
		") matched ORDER BY language, distance, document_id, ordinal"
	return q
}

// termSteps returns the rarest terms of a query, grouped into the steps in which their
// passages are compared. most bounds the passages in which they occur, unless the rarest term
// alone occurs in more.
func termSteps(query lexical.Query, most int) (steps [][]int32) {
	done := 0
	for _, m := range []int{fewPostings, somePostings, most} {
		if terms := query.Rarest(min(m, most)); len(steps) == 0 || len(terms) > done {
			steps, done = append(steps, terms[done:]), len(terms)
		}
	}
	return steps
}

// matchSteps returns a query for the passages that have a term of one of the steps. selection is
// the SELECT of a step and bound its LIMIT. A later step runs only if its passages may
// still be among the first n. It leaves out the passages of earlier steps. It recognises
// them by the product of their weights with those of the earlier terms, which is not 0:
// that is faster to compute than reading the list of terms.
func matchSteps(q *query, query lexical.Query, selection, bound, n string, steps [][]int32) string {
	step := selection + " AND v.terms && %s::integer[]%s" + bound
	tables := []string{"step0 AS MATERIALIZED (" + fmt.Sprintf(step, q.arg(steps[0]), "") + ")"}
	seen, before := "SELECT * FROM step0", map[int32]float32{}
	for i, terms := range steps[1:] {
		for _, id := range steps[i] {
			before[id] = 1
		}
		more := fmt.Sprintf(" AND v.weights <#> %s = 0 AND coalesce((SELECT distance FROM (%s) seen ORDER BY distance OFFSET %s - 1 LIMIT 1), 0) > %s",
			q.arg(sparseVector(before)), seen, n, q.arg(-usualWeight*query.Rest(before)))
		tables = append(tables, fmt.Sprintf("step%d AS MATERIALIZED (%s)", i+1, fmt.Sprintf(step, q.arg(terms), more)))
		seen += fmt.Sprintf(" UNION ALL SELECT * FROM step%d", i+1)
	}
	return "WITH " + strings.Join(tables, ", ") + " SELECT * FROM (" + seen + ") compared"
}

// searchesByDate reports whether a search with a filter finds its passages by an index on
// dates, and then checks the rest of the filter for each of them.
func searchesByDate(f document.Filter) bool {
	return f.PublishedAfter != nil && f.PublishedBefore != nil && onlyRanked(f.Kinds) && fitsGenericPlan(f, nil)
}

// matchesByDates compares all passages that match a filter by dates. It expects them to be
// few, and reads their terms too. It uses a generic plan, since planning took longer than
// everything else. Finding the passages by their terms first also took longer.
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
		// Without IS TRUE, Postgres also reads the index entries of the whole language:
		// 94,000 to find 900 passages.
		lists = append(lists, fmt.Sprintf(`(SELECT * FROM (SELECT v.document_id, v.ordinal, v.language, v.length, v.weights, v.weights <#> %s AS distance FROM %s v
			WHERE (v.language = %s) IS TRUE AND %s OFFSET 0) compared WHERE distance < 0 ORDER BY distance, document_id, ordinal LIMIT %s)`,
			q.arg(sparseVector(queries[language].Weights)), quoteTable(sp.Terms.Table), q.arg(language), q.conditions(), n))
	}
	if len(lists) == 0 {
		return nil, nil
	}
	q.text = "SELECT document_id, ordinal, language, length, weights, -distance FROM (" + strings.Join(lists, " UNION ALL ") +
		") matched ORDER BY language, distance, document_id, ordinal"
	targets := []any{&match.Document, &match.Ordinal, &match.Language, &terms.Length, &weights, &match.Score}
	return list, s.send(ctx, fastPlan+", "+genericPlan, scanEach(q, targets, func() {
		read := terms
		read.Language, read.Score = match.Language, match.Score
		read.IDs, read.Weights = termsIn(weights)
		match.Terms = &read
		list = append(list, match)
	}))
}
