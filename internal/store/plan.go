package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// affordable is how many times as many passages of a language as otherwise are
// compared one by one where its indexes gave too few: 150,000 in about a second, at
// 384 dimensions.
const affordable = 10

// narrows reports whether a filter tells passages of one language apart. Which
// kinds are looked at without a filter is no matter of it.
func narrows(f document.Filter) bool {
	return len(f.Kinds) > 0 || len(f.Sources) > 0 || len(f.Documents) > 0 || len(f.Metadata) > 0 ||
		f.PublishedAfter != nil || f.PublishedBefore != nil || !onlyPrimary(f.Languages)
}

// plannedOnce reports whether one plan suits a search for nearest passages whatever
// its filter's values are, of the indexed languages by their indexes: planning takes a
// third of such a search. By an index, only those that the planner knows to be of many
// or few passages tell whether it is worth it.
func plannedOnce(f document.Filter, indexed []string) bool {
	if len(f.Sources) > 0 || len(f.Documents) > 0 || len(f.Metadata) > 0 || !onlyPrimary(f.Languages) {
		return false
	}
	return len(indexed) == 0 || f.PublishedAfter == nil && f.PublishedBefore == nil
}

// onlyPrimary reports whether ranges are languages by primary subtag.
func onlyPrimary(ranges []string) bool {
	return !slices.ContainsFunc(ranges, func(r string) bool { return strings.Contains(r, "-") })
}

// ranked reports whether all kinds are ranked without being asked for.
func ranked(kinds []document.Kind) bool {
	return !slices.ContainsFunc(kinds, func(k document.Kind) bool { return !slices.Contains(rankedKinds, k) })
}

// byIndex returns the indexed languages that are better searched by their indexes
// than passage by passage: those of which the filter lets very many through. The
// estimates of Postgres would not do: it knows nothing of which languages have
// which metadata, and a wrong one costs seconds.
func (s *Store) byIndex(ctx context.Context, sp space.Space, f document.Filter) ([]string, error) {
	if !ranked(f.Kinds) {
		return nil, nil // indexes know nothing of the others
	}
	held := slices.DeleteFunc(slices.Clone(sp.Calibration.Indexed), func(language string) bool { return !f.MayHold(language) })
	if !narrows(f) {
		return held, nil
	}
	return s.wide(ctx, sp, f, held, s.exact)
}

// counted is what was counted for one filter.
type counted struct {
	mu   sync.Mutex
	over map[countedKey]bool
}

type countedKey struct {
	table, language string
	most            int
}

type countedIn struct{}

// CountingOnce returns a context for what is asked with one and the same filter: what
// passes it is counted once for all of that.
func (*Store) CountingOnce(ctx context.Context) context.Context {
	return context.WithValue(ctx, countedIn{}, &counted{over: map[countedKey]bool{}})
}

// wide returns the languages of which a filter lets more passages through than
// so many. It counts no further, and not again what the context knows.
func (s *Store) wide(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (over []string, err error) {
	known, ok := ctx.Value(countedIn{}).(*counted)
	if !ok || len(languages) == 0 {
		return s.countWide(ctx, sp, f, languages, most)
	}
	known.mu.Lock() // until it is counted: who asks meanwhile asks for the same
	defer known.mu.Unlock()
	key := func(language string) countedKey { return countedKey{sp.Calibration.CentredTable, language, most} }
	fresh := slices.DeleteFunc(slices.Clone(languages), func(language string) bool {
		_, is := known.over[key(language)]
		return is
	})
	wide, err := s.countWide(ctx, sp, f, fresh, most)
	if err != nil {
		return nil, err
	}
	for _, language := range fresh {
		known.over[key(language)] = slices.Contains(wide, language)
	}
	for _, language := range languages {
		if known.over[key(language)] {
			over = append(over, language)
		}
	}
	return over, nil
}

func (s *Store) countWide(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (over []string, err error) {
	if len(languages) == 0 {
		return nil, nil
	}
	var q query
	passageConditions(&q, sp.Collection, f)
	var counts []string
	for _, language := range languages {
		name := q.arg(language)
		counts = append(counts, fmt.Sprintf("SELECT %s::text AS language, (SELECT count(*) FROM (SELECT FROM %s v WHERE v.language = %s AND %s LIMIT %d) few) AS n",
			name, quoteTable(sp.Calibration.CentredTable), name, q.conditions(), most+1))
	}
	q.text = fmt.Sprintf("SELECT language FROM (%s) counted WHERE n > %d ORDER BY language", strings.Join(counts, " UNION ALL "), most)
	settings := quickly
	if plannedOnce(f, nil) {
		settings += ", " + onePlan
	}
	err = s.send(ctx, settings, asked{q, func(rows pgx.Rows) (err error) {
		over, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}})
	return over, err
}

// passageConditions adds what a filter asks of a row v, of the passages or the
// windows of a language that it may hold.
func passageConditions(q *query, collection string, f document.Filter) {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = rankedKinds
	}
	q.where("v.kind = ANY(" + q.arg(kindNumbers(kinds)) + ")")
	if !onlyPrimary(f.Languages) {
		q.where(languageRanges(q, "v.language_code", f.Languages))
	}
	filterVectors(q, f, collection)
}
