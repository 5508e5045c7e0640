package search

import (
	"context"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// TermIndex finds passages by their terms. See store.Store for the full contract.
type TermIndex interface {
	// TermCounts returns, by language, how many passages contain each term.
	TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error)
	// Matches returns the passages of each language with the highest BM25 scores, at most
	// limit each. incomplete reports whether it may have missed some.
	Matches(ctx context.Context, sp space.Space, queries map[string]lexical.Query, f document.Filter, limit int) (list []document.Match, incomplete bool, err error)
	// Articles returns numbered articles that contain one of the terms. Articles published
	// in one of the years come first.
	Articles(ctx context.Context, sp space.Space, terms, years []int32, f document.Filter) ([]document.Article, error)
	// DocumentTerms returns the title of each document, and those of the terms that some
	// passage of it holds.
	DocumentTerms(ctx context.Context, sp space.Space, documents []string, terms []int32) (map[string]document.DocumentTerms, error)
	// PassageTerms returns the terms of passages, with their BM25 scores for the query in
	// their language.
	PassageTerms(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey) (map[document.PassageKey]document.PassageTerms, error)
}

// lexicalLeg is the result of the search by words.
type lexicalLeg struct {
	terms      map[string][]lexical.Term // terms of the question, by language
	queries    map[string]lexical.Query  // by language
	matches    []document.Match
	incomplete bool                                 // whether passages that match the filter may be missing
	named      map[document.PassageKey]namedArticle // articles that the question names
	phrased    phraseMatches
	// contradicting are the passages about something else of the same kind as the question:
	// "hepatitis B" for "hepatitis A".
	contradicting map[document.PassageKey]bool
	letters       []int32 // terms of the single letters of names in the question, such as the A of "hepatitis A"
	shortness     float64 // shortness of the question
	oneWord       bool    // whether the question is one word
	years         []int32 // terms of the years in the question
	language      string  // language of the question
	text          string  // the question
	names         names   // names in the question

	took time.Duration
}

// findByWords finds the passages that share terms with the question. It analyses the
// question in every language of the space that the filter may match: names, numbers and
// dates are the same in several languages, and the detected language of a few words may be
// wrong.
func (s *Searcher) findByWords(ctx context.Context, sp space.Space, q question) (leg lexicalLeg, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchLexical)
	defer func() { stage.End(err) }()
	var watch stopwatch
	watch.start()
	languages := slices.DeleteFunc(slices.Clone(sp.Terms.Languages), func(l string) bool { return !q.filter.MayHold(l) })
	counted := q.counted
	if counted == nil {
		c, err := s.countTerms(ctx, sp, q.text, languages)
		if err != nil {
			return leg, err
		}
		counted = &c
	}
	terms := make(map[string][]lexical.Term, len(languages))
	for _, language := range languages {
		terms[language] = lexical.NeededParts(counted.terms[language], counted.counts[language])
	}
	leg.shortness, leg.oneWord, leg.language, leg.text = shortness(q.text), isOneWord(q.text), q.language, q.text
	leg.names = findNames(q, terms)
	for _, year := range yearsOf(q.text) {
		leg.years = append(leg.years, yearTerm(int(year)))
	}
	leg.terms, leg.queries = terms, make(map[string]lexical.Query, len(terms))
	for language := range terms {
		leg.queries[language] = lexical.NewQuery(terms[language], counted.counts[language])
	}
	if leg.matches, leg.incomplete, err = s.cfg.Terms.Matches(ctx, sp, leg.queries, q.filter, q.limit); err == nil {
		err = s.matchPhrases(ctx, sp, q, &leg)
	}
	if err == nil {
		err = s.matchCodes(ctx, sp, q, &leg)
	}
	if err == nil {
		err = s.matchNamed(ctx, sp, q, &leg)
	}
	leg.took = watch.lap()
	return leg, err
}

// besideDense returns how many passages of each language the lexical leg finds if the dense
// leg also answers. limit is the number that it finds alone.
func besideDense(sp space.Space, limit int) int {
	if len(sp.Terms.Packed) == 0 { // no language has many passages
		return limit
	}
	return int(largeShare * float64(limit))
}

// addMatches adds passages to the matches of the leg, unless they are there already, so
// that they are ranked in any case.
func addMatches[V any](ctx context.Context, s *Searcher, sp space.Space, leg *lexicalLeg, passages map[document.PassageKey]V) error {
	found := make(map[document.PassageKey]bool, len(leg.matches))
	for _, m := range leg.matches {
		found[m.PassageKey] = true
	}
	var missing []document.PassageKey
	for key := range passages {
		if !found[key] {
			missing = append(missing, key)
		}
	}
	terms, err := s.cfg.Terms.PassageTerms(ctx, sp, leg.queries, missing)
	for key, t := range terms {
		if t.Score > 0 {
			leg.matches = append(leg.matches, document.Match{PassageKey: key, Language: t.Language, Score: t.Score})
		}
	}
	return err
}
