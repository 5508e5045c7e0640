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

// TermCounts returns, of each language that is asked about, how many ranked
// passages it has and how many of them hold each of the terms.
func (s *Store) TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error) {
	q, counts, read := termCounts(sp, terms)
	return counts, s.readRows(ctx, keyed, q, read)
}

// quickly keeps Postgres from compiling plans and from starting workers for them,
// both of which take longer than such a search.
const quickly = "SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"

// termCounts is the statement that counts terms, and what reads its answer into the
// counts.
func termCounts(sp space.Space, terms map[string][]int32) (q query, counts map[string]lexical.Counts, read func(pgx.Rows) error) {
	counts = make(map[string]lexical.Counts, len(terms))
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
	l, t := q.arg(languages)+"::text[]", q.arg(asked)+"::integer[]"
	q.text = fmt.Sprintf(`WITH asked AS (SELECT DISTINCT * FROM unnest(%[1]s, %[2]s) asked(language, term))
		SELECT language, term, sum(n)::bigint FROM (
			SELECT language, term, counts.passages AS n FROM asked JOIN %[3]s counts USING (language, term)
			UNION ALL
			SELECT changes.language, change.term, change.n FROM %[4]s changes, unnest(changes.terms, changes.passages) change(term, n)
				WHERE change.term = ANY(%[2]s) AND (changes.language, change.term) IN (SELECT * FROM asked)) counted (language, term, n)
		GROUP BY language, term`, l, t, countsTable(sp.Terms.Table), changesTable(sp.Terms.Table))
	var (
		language string
		term     int32
		n        int
	)
	return q, counts, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&language, &term, &n}, func() error {
			c := counts[language]
			if term == countPassages {
				c.Passages = n
			} else {
				c.Holding[term] = n
			}
			counts[language] = c
			return nil
		})
		return err
	}
}

// Matches returns the passages of a collection that match a question best, up to
// limit of each language that a query is given for, best first within a language,
// ties by document id and ordinal. In a language with no more than fewPostings
// passages, or of which a filter lets no more than Config.ExactPassages through,
// these are exactly those of brute force over the filter; else those among the
// passages that hold the rarest terms. incomplete says that with a filter these were
// fewer than limit, and that more may be among those that hold other terms.
func (s *Store) Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, incomplete bool, err error) {
	narrow, most := narrows(f), map[string]int{}
	err = s.read(ctx, func(ctx context.Context) error {
		wide := slices.Sorted(maps.Keys(queries))
		switch {
		case !ranked(f.Kinds):
			wide = nil // the terms of other kinds are not counted
		case narrow:
			wide = slices.DeleteFunc(wide, func(language string) bool { return queries[language].Passages() <= s.exact })
			if wide, err = s.wide(ctx, sp, f, wide, s.exact); err != nil {
				return err
			}
		}
		for _, language := range wide {
			most[language] = maxPostings
		}
		if !narrow {
			list, err = s.matchesOfAll(ctx, sp, queries, f, most, limit)
			return err
		}
		if list, err = s.matches(ctx, sp, queries, f, most, limit); err != nil {
			return err
		}
		// The filter may have left few of those that hold the rarest terms.
		short := false
		for _, language := range wide {
			q := queries[language]
			if countLanguage(list, language) < limit && len(q.Rarest(maxPostings)) < len(q.Held()) {
				short, most[language] = true, morePostings
				incomplete = incomplete || len(q.Rarest(morePostings)) < len(q.Held())
			}
		}
		if short {
			list, err = s.matches(ctx, sp, queries, f, most, limit)
		}
		return err
	})
	return list, incomplete, err
}

// matchesOfAll is matches without a filter: by postings where there are some.
func (s *Store) matchesOfAll(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) ([]document.Match, error) {
	search, others := postingSearch{sp: sp, queries: queries, limit: limit}, maps.Clone(queries)
	for _, language := range sp.Terms.Packed {
		if q := queries[language]; q.Passages() > fewPostings && len(q.Held()) > 0 && f.MayHold(language) {
			search.languages = append(search.languages, language)
			delete(others, language)
		}
	}
	if len(search.languages) == 0 {
		return s.matches(ctx, sp, queries, f, most, limit)
	}
	search.others = matchQuery(sp, others, f, most, limit)
	list, left, err := s.byPostings(ctx, search)
	if err != nil {
		return nil, err
	}
	if len(left) > 0 {
		clear(others)
		for _, language := range left {
			others[language] = queries[language]
		}
		more, err := s.matches(ctx, sp, others, f, most, limit)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortStableFunc(list, func(a, b document.Match) int { return strings.Compare(a.Language, b.Language) })
	return list, nil
}

func countLanguage(list []document.Match, language string) (n int) {
	for _, m := range list {
		if m.Language == language {
			n++
		}
	}
	return n
}
