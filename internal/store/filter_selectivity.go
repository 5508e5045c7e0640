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

// exactFactor is what Config.ExactPassages is multiplied by for a language whose index
// returned too few passages. Comparing 150,000 passages takes about a second at 384
// dimensions.
const exactFactor = 10

// narrowsLanguage reports whether a filter may exclude passages of a language. A filter of
// exactly the kinds that are searched by default excludes none.
func narrowsLanguage(f document.Filter) bool {
	return len(f.Kinds) > 0 || len(f.Sources) > 0 || len(f.Documents) > 0 || f.OnDocuments() ||
		f.PublishedAfter != nil || f.PublishedBefore != nil || !onlyPrimary(f.Languages)
}

// fitsGenericPlan reports whether one plan suits a search for nearest passages whatever the
// values of its filter are. indexed are the languages that are searched by index. Planning
// takes a third of the time of such a search. If an index is used, the best plan depends on
// how many passages the values match.
func fitsGenericPlan(f document.Filter, indexed []string) bool {
	if len(f.Sources) > 0 || len(f.Documents) > 0 || f.OnDocuments() || !onlyPrimary(f.Languages) {
		return false
	}
	return len(indexed) == 0 || f.PublishedAfter == nil && f.PublishedBefore == nil
}

// onlyPrimary reports whether all ranges are primary subtags.
func onlyPrimary(ranges []string) bool {
	return !slices.ContainsFunc(ranges, func(r string) bool { return strings.Contains(r, "-") })
}

// onlyRanked reports whether all kinds are among those that are searched by default.
func onlyRanked(kinds []document.Kind) bool {
	return !slices.ContainsFunc(kinds, func(k document.Kind) bool { return !slices.Contains(rankedKinds, k) })
}

// languagesByIndex returns the indexed languages in which the index is faster than
// comparing each passage: those in which very many passages match the filter. The estimates
// of Postgres do not help: it does not know which languages have which metadata, and a
// wrong estimate costs seconds.
func (s *Store) languagesByIndex(ctx context.Context, sp space.Space, f document.Filter) ([]string, error) {
	if !onlyRanked(f.Kinds) {
		return nil, nil // indexes have only passages of ranked kinds
	}
	indexed := indexedLanguages(sp, f)
	if !narrowsLanguage(f) {
		return indexed, nil
	}
	return s.languagesOver(ctx, sp, f, indexed, s.exact)
}

// indexedLanguages returns the indexed languages that a filter may match.
func indexedLanguages(sp space.Space, f document.Filter) []string {
	return slices.DeleteFunc(slices.Clone(sp.Calibration.Indexed), func(language string) bool { return !f.MayHold(language) })
}

// filterCounts caches how many passages match one filter.
type filterCounts struct {
	filter document.Filter
	mu     sync.Mutex
	passes map[filterCountKey]int
}

type filterCountKey struct {
	table, language string
	most            int
}

type filterCountsKey struct{}

// CountingOnce returns a context for calls with the same filter. The matching passages are
// counted once for all these calls. If TermCounts is the first call, it counts them in the
// same round trip as the terms.
func (*Store) CountingOnce(ctx context.Context, f document.Filter) context.Context {
	return context.WithValue(ctx, filterCountsKey{}, &filterCounts{filter: f, passes: map[filterCountKey]int{}})
}

// filterCountStatement returns the statement that counts the passages that match the filter
// of the context, so that another call can send it in its own round trip. It returns none
// if there is nothing to count, if the counts are known, or if a generic plan does not fit
// the filter. The caller must call done when the statement has run.
func (s *Store) filterCountStatement(ctx context.Context, sp space.Space) (statements []statement, done func()) {
	known, languages := lockUncounted(ctx, sp)
	if known == nil {
		return nil, func() {}
	}
	passes := map[string]int{}
	return []statement{passingStatement(sp, known.filter, languages, s.exact, passes)}, func() {
		known.add(sp, passes, s.exact)
		known.mu.Unlock()
	}
}

// lockUncounted locks the counts of the context if the matching passages are not counted
// yet, and returns them with the languages to count. It returns nil if they need not be
// counted in the round trip of a search, or if a concurrent call is counting them.
func lockUncounted(ctx context.Context, sp space.Space) (known *filterCounts, languages []string) {
	known, ok := ctx.Value(filterCountsKey{}).(*filterCounts)
	if !ok || !narrowsLanguage(known.filter) || !onlyRanked(known.filter.Kinds) || !fitsGenericPlan(known.filter, nil) {
		return nil, nil
	}
	languages = indexedLanguages(sp, known.filter)
	if len(languages) == 0 || !known.mu.TryLock() { // a concurrent call is counting
		return nil, nil
	}
	if len(known.passes) > 0 {
		known.mu.Unlock()
		return nil, nil
	}
	return known, languages
}

// add stores numbers of passages by language, which were counted up to most+1.
func (known *filterCounts) add(sp space.Space, passes map[string]int, most int) {
	for language, n := range passes {
		known.passes[filterCountKey{sp.Calibration.CentredTable, language, most}] = n
	}
}

// languagesOver returns the languages in which the number of passages that match a filter is
// above most.
func (s *Store) languagesOver(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (over []string, err error) {
	passing, err := s.countPassing(ctx, sp, f, languages, most)
	return slices.DeleteFunc(slices.Clone(languages), func(language string) bool { return passing[language] <= most }), err
}

// countPassing returns how many passages of each language match a filter. If the number is
// above most, it returns most+1. It uses the counts in the context, if there are any.
func (s *Store) countPassing(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (passes map[string]int, err error) {
	known, ok := ctx.Value(filterCountsKey{}).(*filterCounts)
	if !ok || len(languages) == 0 {
		return s.queryPassing(ctx, sp, f, languages, most)
	}
	known.mu.Lock() // held while counting, since concurrent calls need the same counts
	defer known.mu.Unlock()
	key := func(language string) filterCountKey {
		return filterCountKey{sp.Calibration.CentredTable, language, most}
	}
	unknown := slices.DeleteFunc(slices.Clone(languages), func(language string) bool {
		_, is := known.passes[key(language)]
		return is
	})
	if passes, err = s.queryPassing(ctx, sp, f, unknown, most); err != nil {
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

// queryPassing is countPassing without the counts in the context.
func (s *Store) queryPassing(ctx context.Context, sp space.Space, f document.Filter, languages []string, most int) (map[string]int, error) {
	passes := make(map[string]int, len(languages))
	if len(languages) == 0 {
		return passes, nil
	}
	settings := fastPlan
	if fitsGenericPlan(f, nil) {
		settings += ", " + genericPlan
	}
	return passes, s.send(ctx, settings, passingStatement(sp, f, languages, most, passes))
}

// passingStatement returns the statement that counts into passes, by language, the passages
// that match a filter. It counts up to most+1.
func passingStatement(sp space.Space, f document.Filter, languages []string, most int, passes map[string]int) statement {
	var q query
	passageConditions(&q, sp.Collection, f)
	var counts []string
	for _, language := range languages {
		name := q.arg(language)
		counts = append(counts, fmt.Sprintf("SELECT %s::text, (SELECT count(*) FROM (SELECT FROM %s v WHERE v.language = %s AND %s LIMIT %d) few)",
			name, quoteTable(sp.Calibration.CentredTable), name, q.conditions(), most+1))
	}
	q.text = strings.Join(counts, " UNION ALL ")
	var (
		language string
		n        int
	)
	return scanEach(q, []any{&language, &n}, func() { passes[language] = n })
}

// passageConditions adds the conditions of the filter on passages v of a language that the
// filter may match.
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
