package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// fewWords is the maximum length, in words, of a query whose words are looked up to find its
// language.
const fewWords = 2

// countedTerms has the terms of a query, read in several languages, and the number of passages
// that hold each term.
type countedTerms struct {
	terms  map[string][]lexical.Term
	counts map[string]lexical.Counts
}

// countTerms reads a query in languages, and counts the passages that hold its terms.
func (s *Searcher) countTerms(ctx context.Context, sp space.Space, query string, languages []string) (c countedTerms, err error) {
	c.terms = make(map[string][]lexical.Term, len(languages))
	ids := make(map[string][]int32, len(languages))
	for _, language := range languages {
		c.terms[language] = s.caches.queryTerms(query, language)
		for _, term := range c.terms[language] {
			ids[language] = append(ids[language], term.ID())
		}
	}
	c.counts, err = s.cfg.Terms.TermCounts(ctx, sp, ids)
	return c, err
}

// areHeld reports whether each word of the query is in some passage in a language.
func (c countedTerms) areHeld(language string) bool {
	terms, counts := c.terms[language], c.counts[language]
	holding := func(id int32) int { return counts.Holding[id] }
	return len(terms) > 0 && !slices.ContainsFunc(terms, func(t lexical.Term) bool {
		return !t.Part && mostHolding(holding, queryWord{id: t.ID(), wider: respelt(terms, t)}) == 0
	})
}

// onlyHolding returns the only one of some languages whose passages hold each word of the query, or
// "" if there is none, or more than one.
func (c countedTerms) onlyHolding(languages []string) (only string) {
	for _, language := range languages {
		switch {
		case !c.areHeld(language):
		case only != "":
			return ""
		default:
			only = language
		}
	}
	return only
}

// queryLanguage returns the language of a query. One or two words fit many languages. If the
// passages in the detected language do not hold all of them, queryLanguage returns the most
// plausible language whose passages do. If no passage is in the detected language, any language will
// do, if it is the only one. queryLanguage also returns the counts that it read, or nil.
func (s *Searcher) queryLanguage(ctx context.Context, sp space.Space, query string) (detected string, counted *countedTerms) {
	languages := sp.Terms.Languages
	detected = s.caches.queryLanguage(query, languages)
	if len(strings.Fields(query)) > fewWords || len(languages) == 0 {
		return detected, nil
	}
	plausible := s.caches.plausibleLanguages(query, languages)
	known := slices.Contains(languages, detected)
	if known && (len(plausible) == 0 || len(plausible) == 1 && plausible[0] == detected) {
		return detected, nil
	}
	var c countedTerms
	err := guard.Call(func() (err error) {
		c, err = s.countTerms(ctx, sp, query, languages)
		return err
	})
	if err != nil {
		return detected, nil // the lexical leg will fail too, and report it
	}
	for _, candidate := range append([]string{detected}, plausible...) {
		if c.areHeld(candidate) {
			return candidate, &c
		}
	}
	if !known {
		return cmp.Or(c.onlyHolding(languages), detected), &c
	}
	return detected, &c
}

// plausibleLanguages returns the languages of a space that a query may be in.
func (c queryCaches) plausibleLanguages(query string, languages []string) []string {
	key := languageKey{query, strings.Join(languages, " ")}
	plausible, ok := c.plausible.Get(key)
	if !ok {
		plausible = language.Plausible(query, languages)
		c.plausible.Add(key, plausible)
	}
	return plausible
}
