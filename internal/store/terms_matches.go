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

// TermCounts returns, for each language of terms, how many ranked passages it has and
// how many of them contain each term.
func (s *Store) TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error) {
	q, counts, read := termCounts(sp, terms)
	return counts, s.read(ctx, func(ctx context.Context) error {
		others, done := s.filterCountStatement(ctx, sp)
		defer done()
		return s.send(ctx, keyLookup, append(others, statement{q, read})...)
	})
}

// fastPlan turns off JIT compilation and parallel workers, which take longer to start than
// such a search takes.
const fastPlan = "SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"

// termCounts returns the query that counts terms, the counts, and the function that reads
// the query's rows into the counts.
func termCounts(sp space.Space, terms map[string][]int32) (q query, counts map[string]lexical.Counts, read func(pgx.Rows) error) {
	counts = make(map[string]lexical.Counts, len(terms))
	var (
		languages []string
		termIDs   []int32
	)
	for language, ids := range terms {
		counts[language] = lexical.Counts{Holding: map[int32]int{}}
		ids = append([]int32{countPassages}, ids...)
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) { // without duplicates, since they would be added up
			languages, termIDs = append(languages, language), append(termIDs, id)
		}
	}
	l, t := q.arg(languages)+"::text[]", q.arg(termIDs)+"::integer[]"
	q.text = fmt.Sprintf(`SELECT language, term, counts.passages FROM unnest(%[1]s, %[2]s) asked(language, term) JOIN %[3]s counts USING (language, term)
		UNION ALL
		SELECT changes.language, change.term, sum(change.n)::bigint FROM %[4]s changes, unnest(changes.terms, changes.passages) change(term, n)
			WHERE changes.language = ANY(%[1]s) AND change.term = ANY(%[2]s) GROUP BY 1, 2`, l, t, countsTable(sp.Terms.Table), changesTable(sp.Terms.Table))
	var (
		language string
		term     int32
		n        int
	)
	return q, counts, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&language, &term, &n}, func() error {
			c := counts[language]
			switch {
			case term == countPassages:
				c.Passages += n
			case slices.Contains(terms[language], term): // changes are read for all languages
				c.Holding[term] += n
			}
			counts[language] = c
			return nil
		})
		return err
	}
}

// Matches returns the passages of a collection that match a question best by BM25: up to
// limit of each language in queries, best first within a language, ties by document id and
// ordinal. The result is exact if a language has at most fewPostings passages, or if at
// most Config.ExactPassages match the filter. Otherwise Matches uses postings, or compares
// only passages with the rarest terms. incomplete reports that passages with more frequent
// terms may be missing, because few of the compared passages match the filter.
func (s *Store) Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, incomplete bool, err error) {
	narrow, most := narrowsLanguage(f), map[string]int{}
	err = s.read(ctx, func(ctx context.Context) error {
		wide := slices.Sorted(maps.Keys(queries))
		switch {
		case !onlyRanked(f.Kinds):
			wide = nil // terms are counted only for the kinds that are ranked by default
		case narrow:
			var few bool
			if wide, few, err = s.languageWidths(ctx, sp, f, queries); err != nil {
				return err
			}
			if few {
				list, err = s.matchesByDates(ctx, sp, queries, f, limit)
				return err
			}
		}
		for _, language := range wide {
			most[language] = maxPostings
		}
		if !narrow {
			list, err = s.unfilteredMatches(ctx, sp, queries, f, most, limit)
			return err
		}
		if list, err = s.matches(ctx, sp, queries, f, most, limit); err != nil {
			return err
		}
		// The filter may match few of the passages with the rarest terms.
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

// languageWidths returns the languages in which more passages match a filter than are
// compared one by one. few reports whether the passages can be found by their dates (see
// searchesByDate) and only few of each language match.
func (s *Store) languageWidths(ctx context.Context, sp space.Space, f document.Filter, queries map[string]lexical.Query) (wide []string, few bool, err error) {
	few, most := searchesByDate(f), s.exact
	if few {
		most = min(fewPostings, s.exact)
	}
	languages := slices.DeleteFunc(slices.Sorted(maps.Keys(queries)), func(language string) bool {
		return queries[language].Passages() <= most || !f.MayHold(language)
	})
	passing, err := s.countPassing(ctx, sp, f, languages, s.exact)
	for _, language := range languages {
		few = few && passing[language] <= most
		if passing[language] > s.exact {
			wide = append(wide, language)
		}
	}
	return wide, few, err
}

// unfilteredMatches returns the matches without a filter. It uses postings of the languages
// that have them.
func (s *Store) unfilteredMatches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, most map[string]int, limit int) ([]document.Match, error) {
	search, others := postingSearch{sp: sp, queries: queries, limit: limit}, maps.Clone(queries)
	for _, language := range sp.Terms.Packed {
		if q := queries[language]; q.Passages() > fewPostings && fewEnoughPostings(q) && f.MayHold(language) {
			search.languages = append(search.languages, language)
			delete(others, language)
		}
	}
	if len(search.languages) == 0 {
		return s.matches(ctx, sp, queries, f, most, limit)
	}
	search.others = matchQuery(sp, others, f, most, limit)
	list, left, err := s.matchesByPostings(ctx, search)
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
