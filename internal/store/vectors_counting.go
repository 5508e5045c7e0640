package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/document"
)

// nearestCounting counts the passages that pass the filter. If few pass in each language,
// it returns the nearest of them from the same statement, and all is true. all is false if
// more pass, or if they need not be counted (see lockUncounted).
func (s *Store) nearestCounting(ctx context.Context, search nearestSearch) (list []document.Candidate, all bool, err error) {
	known, languages := lockUncounted(ctx, search.sp)
	if known == nil {
		return nil, false, nil
	}
	defer known.mu.Unlock() // held until the counts are known, since concurrent calls need the same counts
	passes := make(map[string]int, len(languages))
	list = make([]document.Candidate, 0, (len(languages)+1)*nearestWindow(search.limit))
	q := search.countingQuery(languages, s.exact)
	if err := s.send(ctx, searchSettings(minEFSearch)+", "+genericPlan, candidatesStatement(q, &list, nil, passes)); err != nil {
		return nil, false, err
	}
	known.add(search.sp, passes, s.exact)
	for _, n := range passes {
		if n > s.exact {
			return nil, false, nil
		}
	}
	return search.best(list), true, nil
}

// countingQuery builds a statement that counts, up to most+1, the passages of each of the
// given languages that pass the filter, and compares those passages with the vector. It does
// not compare passages of a language in which their number is above most.
func (search nearestSearch) countingQuery(languages []string, most int) query {
	var q query
	v, table := q.arg(centredValue(search.vector)), quoteTable(search.sp.Calibration.CentredTable)
	passageConditions(&q, search.sp.Collection, search.filter)
	others, exist := otherLanguages(&q, search.filter, nil)
	if !exist {
		others = "false"
	}
	q.text = fmt.Sprintf(`WITH counts AS MATERIALIZED (SELECT asked.language, (SELECT count(*) FROM (SELECT FROM %s v
				WHERE v.language = asked.language AND %s LIMIT %d) few)::integer AS n FROM unnest(%s::text[]) asked(language))
		SELECT %d::smallint, '', n, language, NULL::float8, NULL::float8, NULL::varbit FROM counts UNION ALL `,
		table, q.conditions(), most+1, q.arg(languages), counted) +
		search.exactBest(&q, table, v, "", others+fmt.Sprintf(" AND NOT EXISTS (SELECT FROM counts WHERE counts.language = t.language AND n > %d)", most))
	return q
}
