package search

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// question is what both legs are asked.
type question struct {
	text     string
	language string // primary subtag
	filter   document.Filter
	limit    int // passages of each language
}

// denseLeg is what the nearest vectors say.
type denseLeg struct {
	vector     []float32 // of the query, as the model made it
	query      []float32 // centred
	scales     calibrate.Scales
	null       *calibrate.Normal // similarity that a query without an answer reaches; nil without vector
	candidates []document.Candidate
	incomplete bool // some that pass the filter may be missing

	embed, rank, retrieve time.Duration
}

// dense finds the passages whose vectors are nearest.
func (s *Searcher) dense(ctx context.Context, sp space.Space, q question) (leg denseLeg, err error) {
	var watch stopwatch
	watch.start()
	leg.vector, err = s.vectors.of(ctx, sp, q.text)
	leg.embed = watch.lap()
	if err != nil {
		return leg, err
	}
	calibration, err := s.calibrations.of(ctx, sp)
	if err != nil {
		return leg, err
	}
	scaled, null := s.kept.scale(sp, calibration, leg.vector, q), calibration.Null(q.language)
	leg.query, leg.scales, leg.null = scaled.query, scaled.scales, &null
	leg.rank = watch.lap()
	leg.candidates, leg.incomplete, err = s.cfg.Store.Nearest(ctx, sp, leg.query, leg.scales, q.filter, q.limit)
	leg.retrieve = watch.lap()
	return leg, err
}

// lexicalLeg is what terms say.
type lexicalLeg struct {
	terms      map[string][]lexical.Term // of the question, by language
	queries    map[string]lexical.Query  // by language
	matches    []document.Match
	incomplete bool                          // as of the other
	named      map[document.PassageKey]place // articles that the question names
	phrased    phrased

	took time.Duration
}

// match finds the passages that share terms with the question. It is read in
// every language that there are passages in: names, numbers and dates are shared
// between languages, and the language of a few words may have been told wrongly.
func (s *Searcher) match(ctx context.Context, sp space.Space, q question) (leg lexicalLeg, err error) {
	var watch stopwatch
	watch.start()
	terms := map[string][]lexical.Term{}
	ids := map[string][]int32{}
	for _, language := range sp.Terms.Languages {
		if !q.filter.MayHold(language) {
			continue
		}
		terms[language] = lexical.Terms(q.text, language)
		for _, term := range terms[language] {
			ids[language] = append(ids[language], term.ID())
		}
	}
	counts, err := s.cfg.Store.TermCounts(ctx, sp, ids)
	if err != nil {
		return leg, err
	}
	leg.terms, leg.queries = terms, make(map[string]lexical.Query, len(terms))
	for language := range terms {
		leg.queries[language] = lexical.NewQuery(terms[language], counts[language])
	}
	if leg.matches, leg.incomplete, err = s.cfg.Store.Matches(ctx, sp, leg.queries, q.filter, q.limit); err == nil {
		err = s.matchPhrases(ctx, sp, q, &leg)
	}
	if err == nil {
		err = s.matchNamed(ctx, sp, q, &leg)
	}
	leg.took = watch.lap()
	return leg, err
}

// addMatches adds those of the passages that the leg did not find to what it found,
// so that they are ranked whether or not it did.
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
	terms, err := s.cfg.Store.PassageTerms(ctx, sp, leg.queries, missing)
	for key, t := range terms {
		if t.Score > 0 {
			leg.matches = append(leg.matches, document.Match{PassageKey: key, Language: t.Language, Score: t.Score})
		}
	}
	return err
}

// complete gives every passage that either leg found what the other says of it,
// exactly: to the dense leg's candidates those of the lexical leg are added, and
// the BM25 of all is returned. wordsErr is the lexical leg's error, with which
// the candidates stand as they are.
func (s *Searcher) complete(ctx context.Context, sp space.Space, near *denseLeg, words lexicalLeg) (all bm25, wordsErr, err error) {
	all = bm25{scores: make(map[document.PassageKey]float64, len(words.matches)), bounds: make(map[string]float64, len(words.queries))}
	for language, query := range words.queries {
		all.bounds[language] = query.Bound()
	}
	for _, m := range words.matches {
		all.scores[m.PassageKey] = m.Score
	}
	var far []document.PassageKey
	known := make(map[document.PassageKey]bool, len(near.candidates))
	for _, c := range near.candidates {
		known[c.PassageKey] = true
	}
	for _, m := range words.matches {
		if !known[m.PassageKey] {
			far = append(far, m.PassageKey)
		}
	}
	var added []document.Candidate
	all.terms, added, wordsErr, err = s.scores(ctx, sp, near, words, far)
	if err != nil || wordsErr != nil {
		return bm25{}, wordsErr, err
	}
	for key, t := range all.terms {
		if t.Score > 0 {
			all.scores[key] = t.Score
		}
	}
	near.candidates = append(near.candidates, added...)
	near.candidates = append(near.candidates, withoutVectors(words.matches, near.candidates)...)
	return all, nil, nil
}

// scores returns the terms of what either leg found, as far as the matches do not have
// them, and how similar what is far is. At once they are asked for first, and one by
// one if that fails, to know which failed.
func (s *Searcher) scores(ctx context.Context, sp space.Space, near *denseLeg, words lexicalLeg, far []document.PassageKey) (terms map[document.PassageKey]document.PassageTerms, added []document.Candidate, wordsErr, err error) {
	known := make(map[document.PassageKey]document.PassageTerms, len(words.matches))
	for _, m := range words.matches {
		if m.Terms != nil {
			known[m.PassageKey] = *m.Terms
		}
	}
	keys := slices.DeleteFunc(slices.Concat(keysOfCandidates(near.candidates), far), func(key document.PassageKey) bool {
		_, ok := known[key]
		return ok
	})
	if len(keys) == 0 && len(far) == 0 {
		return known, nil, nil, nil
	}
	if terms, added, err = s.cfg.Store.TermsAndSimilarities(ctx, sp, words.queries, keys, near.query, far); err != nil {
		terms, wordsErr = s.cfg.Store.PassageTerms(ctx, sp, words.queries, keys)
		added, err = s.cfg.Store.Similarities(ctx, sp, near.query, far)
	}
	if terms == nil {
		return known, added, wordsErr, err
	}
	maps.Copy(terms, known)
	return terms, added, wordsErr, err
}

func keysOfCandidates(list []document.Candidate) []document.PassageKey {
	keys := make([]document.PassageKey, len(list))
	for i, c := range list {
		keys[i] = c.PassageKey
	}
	return keys
}

// withoutVectors returns those of the matches that are no candidates: their
// windows have no vectors, since the model server refused them. They are as near
// to the query as any passage is, by chance, to another: centred vectors of
// unrelated texts have a similarity of about 0.
func withoutVectors(matches []document.Match, candidates []document.Candidate) (list []document.Candidate) {
	known := make(map[document.PassageKey]bool, len(candidates))
	for _, c := range candidates {
		known[c.PassageKey] = true
	}
	for _, m := range matches {
		if !known[m.PassageKey] {
			list = append(list, document.Candidate{PassageKey: m.PassageKey, Language: m.Language})
		}
	}
	return list
}
