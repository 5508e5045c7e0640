package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	mu     sync.Mutex
	passes map[countedKey]int
}

type countedKey struct {
	table, language string
	most            int
}

type countedIn struct{}

// CountingOnce returns a context for what is asked with one and the same filter: what
// passes it is counted once for all of that.
func (*Store) CountingOnce(ctx context.Context) context.Context {
	return context.WithValue(ctx, countedIn{}, &counted{passes: map[countedKey]int{}})
}

// wide returns the languages of which a filter lets more passages through than
// so many.
func (s *Store) wide(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (over []string, err error) {
	passing, err := s.passing(ctx, sp, f, languages, most)
	return slices.DeleteFunc(slices.Clone(languages), func(language string) bool { return passing[language] <= most }), err
}

// passing returns how many passages of each of the languages a filter lets through. It
// counts up to one more than so many, and not again what the context knows.
func (s *Store) passing(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (passes map[string]int, err error) {
	known, ok := ctx.Value(countedIn{}).(*counted)
	if !ok || len(languages) == 0 {
		return s.count(ctx, sp, f, languages, most)
	}
	known.mu.Lock() // until it is counted: who asks meanwhile asks for the same
	defer known.mu.Unlock()
	key := func(language string) countedKey { return countedKey{sp.Calibration.CentredTable, language, most} }
	unknown := slices.DeleteFunc(slices.Clone(languages), func(language string) bool {
		_, is := known.passes[key(language)]
		return is
	})
	if passes, err = s.count(ctx, sp, f, unknown, most); err != nil {
		return nil, err
	}
	for _, language := range languages {
		if n, now := passes[language]; now {
			known.passes[key(language)] = n
		} else {
			passes[language] = known.passes[key(language)]
		}
	}
	return passes, nil
}

// count is passing, counted anew.
func (s *Store) count(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (map[string]int, error) {
	passes := make(map[string]int, len(languages))
	if len(languages) == 0 {
		return passes, nil
	}
	var q query
	passageConditions(&q, sp.Collection, f)
	var counts []string
	for _, language := range languages {
		name := q.arg(language)
		counts = append(counts, fmt.Sprintf("SELECT %s::text, (SELECT count(*) FROM (SELECT FROM %s v WHERE v.language = %s AND %s LIMIT %d) few)",
			name, quoteTable(sp.Calibration.CentredTable), name, q.conditions(), most+1))
	}
	q.text = strings.Join(counts, " UNION ALL ")
	settings := quickly
	if plannedOnce(f, nil) {
		settings += ", " + onePlan
	}
	var (
		language string
		n        int
	)
	return passes, s.send(ctx, settings, each(q, []any{&language, &n}, func() { passes[language] = n }))
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
