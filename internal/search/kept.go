package search

import (
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// tongueKey is what the language of a query depends on.
type tongueKey struct{ text, languages string }

// scaledKey is what a query's scales depend on. The table of a generation is made
// with it and never again, and it only ever learns more languages.
type scaledKey struct {
	table, text, language string
	languages             int
}

// shownKey is what the terms of a passage depend on.
type shownKey struct{ text, language string }

// shownPassages bounds the passages whose terms are kept, to fifty pages, and
// longShown the bytes of one: together 10 MB.
const (
	shownPassages = 500
	longShown     = 2_000
)

// scaled is a query as it is compared with passages.
type scaled struct {
	query  []float32 // centred
	scales calibrate.Scales
}

// kept holds what takes a millisecond or two of a search and is the same when the
// query is asked again.
type kept struct {
	tongues *lru.Cache[tongueKey, string]
	scaled  *lru.Cache[scaledKey, scaled]
	shown   *lru.Cache[shownKey, []lexical.Term]
}

func newKept(size int) kept {
	return kept{newLRU[tongueKey, string](size), newLRU[scaledKey, scaled](size), newLRU[shownKey, []lexical.Term](min(size, shownPassages))}
}

// newLRU returns a cache of so many entries, 1 at least.
func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](max(1, size))
	if err != nil {
		panic(err) // only for a size below 1
	}
	return cache
}

// tongue returns the language of a query over passages in some languages.
func (k kept) tongue(query string, languages []string) string {
	key := tongueKey{query, strings.Join(languages, " ")}
	tongue, ok := k.tongues.Get(key)
	if !ok {
		tongue = language.DetectAmong(query, languages)
		k.tongues.Add(key, tongue)
	}
	return tongue
}

// terms returns the terms of a passage that is shown, which others share: many
// questions have the same answers.
func (k kept) terms(p document.Passage) []lexical.Term {
	if len(p.Text) > longShown {
		return lexical.Terms(p.Text, p.LanguageCode)
	}
	key := shownKey{p.Text, p.LanguageCode}
	terms, ok := k.shown.Get(key)
	if !ok {
		terms = lexical.Terms(p.Text, p.LanguageCode)
		k.shown.Add(key, terms)
	}
	return terms
}

// scale centres a query's vector and returns its scales, which others share.
func (k kept) scale(sp space.Space, c calibrate.Calibration, vector []float32, q question) scaled {
	key := scaledKey{sp.Calibration.CentredTable, q.text, q.language, len(c.Languages)}
	s, ok := k.scaled.Get(key)
	if !ok {
		s.query = c.Query(vector, q.language, shortness(q.text))
		s.scales = c.Scales(s.query)
		k.scaled.Add(key, s)
	}
	return s
}
