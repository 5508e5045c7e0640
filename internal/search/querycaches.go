package search

import (
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// languageKey is the cache key of a query's language.
type languageKey struct{ text, languages string }

// scaledKey is the cache key of a query's scales. The table belongs to one generation,
// which never changes, except that languages are added to it.
type scaledKey struct {
	table, text, language string
	languages             int
}

// termsKey is the cache key of the terms of a passage or a query.
type termsKey struct{ text, language string }

// cachedTexts is the number of passages whose terms are cached, enough for fifty pages. As many
// queries are cached. A query counts once for each language. maxCachedBytes is the maximum
// length of such a text. All passages together take 10 MB, and queries usually less.
const (
	cachedTexts    = 500
	maxCachedBytes = 2_000
)

// scaled is a query's centred vector with its scales.
type scaled struct {
	query  []float32 // centred
	scales calibrate.Scales
}

// queryCaches cache intermediate results that take a millisecond or two and are the same
// whenever a query is repeated.
type queryCaches struct {
	languages *lru.Cache[languageKey, string]
	plausible *lru.Cache[languageKey, []string]
	scaled    *lru.Cache[scaledKey, scaled]
	passages  *lru.Cache[termsKey, []lexical.Term]
	queries   *lru.Cache[termsKey, []lexical.Term]
}

func newQueryCaches(size int) queryCaches {
	texts := min(size, cachedTexts)
	return queryCaches{
		languages: newLRU[languageKey, string](size), plausible: newLRU[languageKey, []string](size), scaled: newLRU[scaledKey, scaled](size),
		passages: newLRU[termsKey, []lexical.Term](texts), queries: newLRU[termsKey, []lexical.Term](texts),
	}
}

// newLRU returns a cache for the given number of entries, at least 1.
func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](max(1, size))
	if err != nil {
		panic(err) // only if the size is below 1
	}
	return cache
}

// queryLanguage returns the detected language of a query. It prefers the given languages.
func (c queryCaches) queryLanguage(query string, languages []string) string {
	key := languageKey{query, strings.Join(languages, " ")}
	detected, ok := c.languages.Get(key)
	if !ok {
		detected = detectLanguage(query, languages)
		c.languages.Add(key, detected)
	}
	return detected
}

func detectLanguage(query string, languages []string) string {
	named := lexical.ArticleLanguages(query)
	for _, l := range named {
		if slices.Contains(languages, l) {
			return l
		}
	}
	return language.DetectAmong(query, languages)
}

// passageTerms returns the terms of a passage on a page. They are cached because many
// questions have the same answers. Callers must not change the result.
func (c queryCaches) passageTerms(p document.Passage) []lexical.Term {
	return cachedTerms(c.passages, termsKey{p.Text, p.LanguageCode}, lexical.Terms)
}

// queryTerms returns the terms of a query. Callers must not change the result.
func (c queryCaches) queryTerms(query, language string) []lexical.Term {
	return cachedTerms(c.queries, termsKey{query, language}, lexical.QueryTerms)
}

// cachedTerms returns the terms of a text, and caches them unless the text is long.
func cachedTerms(cache *lru.Cache[termsKey, []lexical.Term], key termsKey, read func(text, language string) []lexical.Term) []lexical.Term {
	if len(key.text) > maxCachedBytes {
		return read(key.text, key.language)
	}
	terms, ok := cache.Get(key)
	if !ok {
		terms = read(key.text, key.language)
		cache.Add(key, terms)
	}
	return terms
}

// scaleQuery centres a query's vector and returns it with its scales. Callers must not
// change the result.
func (c queryCaches) scaleQuery(sp space.Space, calibration calibrate.Calibration, vector []float32, q question) scaled {
	key := scaledKey{sp.Calibration.CentredTable, q.text, q.language, len(calibration.Languages)}
	s, ok := c.scaled.Get(key)
	if !ok {
		s.query = calibration.Query(vector, q.language, shortness(q.text))
		s.scales = calibration.Scales(s.query)
		c.scaled.Add(key, s)
	}
	return s
}
