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

// question is the input of both legs.
type question struct {
	text     string
	language string // primary subtag
	filter   document.Filter
	limit    int // passages of each language
}

// denseLeg is the result of the search by vectors.
type denseLeg struct {
	vector     []float32 // of the query, as the model made it
	query      []float32 // centred
	scales     calibrate.Scales
	null       *calibrate.Normal // similarity that a query without an answer reaches; nil without a vector
	candidates []document.Candidate
	incomplete bool // passages that pass the filter may be missing

	embed, rank, retrieve time.Duration
}

// findByVector finds the passages whose vectors are nearest to the query's.
func (s *Searcher) findByVector(ctx context.Context, sp space.Space, q question) (leg denseLeg, err error) {
	var watch stopwatch
	watch.start()
	leg.vector, err = s.vectors.get(ctx, sp, q.text)
	leg.embed = watch.lap()
	if err != nil {
		return leg, err
	}
	calibration, err := s.calibrations.get(ctx, sp)
	if err != nil {
		return leg, err
	}
	scaled, null := s.caches.scaleQuery(sp, calibration, leg.vector, q), calibration.Null(q.language)
	leg.query, leg.scales, leg.null = scaled.query, scaled.scales, &null
	leg.rank = watch.lap()
	leg.candidates, leg.incomplete, err = s.cfg.Store.Nearest(ctx, sp, leg.query, leg.scales, q.filter, q.limit)
	leg.retrieve = watch.lap()
	return leg, err
}

// lexicalLeg is the result of the search by words.
type lexicalLeg struct {
	terms      map[string][]lexical.Term // of the question, by language
	queries    map[string]lexical.Query  // by language
	matches    []document.Match
	incomplete bool                                 // passages that pass the filter may be missing
	named      map[document.PassageKey]namedArticle // articles that the question names
	phrased    phraseMatches

	took time.Duration
}

// findByWords finds the passages that share terms with the question. It reads the
// question in every language of the space: names, numbers and dates are the same in
// several languages, and detection may be wrong about the language of a few words.
func (s *Searcher) findByWords(ctx context.Context, sp space.Space, q question) (leg lexicalLeg, err error) {
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

// addMatches adds the passages to the matches of the leg, unless they are there already,
// so that they are ranked in any case.
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

// completeScores adds the scores of the other leg to the passages that one leg found: it
// appends the lexical leg's passages to the dense leg's candidates, and returns the BM25
// of all. If the lexical leg fails, it returns wordsErr and does not change the
// candidates.
func (s *Searcher) completeScores(ctx context.Context, sp space.Space, dense *denseLeg, words lexicalLeg) (all bm25, wordsErr, err error) {
	all = bm25{scores: make(map[document.PassageKey]float64, len(words.matches)), bounds: make(map[string]float64, len(words.queries))}
	for language, query := range words.queries {
		all.bounds[language] = query.Bound()
	}
	for _, m := range words.matches {
		all.scores[m.PassageKey] = m.Score
	}
	var lexicalOnly []document.PassageKey
	known := make(map[document.PassageKey]bool, len(dense.candidates))
	for _, c := range dense.candidates {
		known[c.PassageKey] = true
	}
	for _, m := range words.matches {
		if !known[m.PassageKey] {
			lexicalOnly = append(lexicalOnly, m.PassageKey)
		}
	}
	var added []document.Candidate
	all.terms, added, wordsErr, err = s.readScores(ctx, sp, dense, words, lexicalOnly)
	if err != nil || wordsErr != nil {
		return bm25{}, wordsErr, err
	}
	for key, t := range all.terms {
		if t.Score > 0 {
			all.scores[key] = t.Score
		}
	}
	dense.candidates = append(dense.candidates, added...)
	dense.candidates = append(dense.candidates, withoutVectors(words.matches, dense.candidates)...)
	return all, nil, nil
}

// readScores returns the terms of the passages that either leg found, and the
// similarities of those that only the lexical leg found. It does not read terms that the
// matches already have. It reads both in one round trip. If that fails, it reads them
// separately, to learn which of the two fails.
func (s *Searcher) readScores(ctx context.Context, sp space.Space, dense *denseLeg, words lexicalLeg, lexicalOnly []document.PassageKey) (terms map[document.PassageKey]document.PassageTerms, added []document.Candidate, wordsErr, err error) {
	known := make(map[document.PassageKey]document.PassageTerms, len(words.matches))
	for _, m := range words.matches {
		if m.Terms != nil {
			known[m.PassageKey] = *m.Terms
		}
	}
	keys := slices.DeleteFunc(slices.Concat(keysOfCandidates(dense.candidates), lexicalOnly), func(key document.PassageKey) bool {
		_, ok := known[key]
		return ok
	})
	if len(keys) == 0 && len(lexicalOnly) == 0 {
		return known, nil, nil, nil
	}
	if terms, added, err = s.cfg.Store.TermsAndSimilarities(ctx, sp, words.queries, keys, dense.query, lexicalOnly); err != nil {
		terms, wordsErr = s.cfg.Store.PassageTerms(ctx, sp, words.queries, keys)
		added, err = s.cfg.Store.Similarities(ctx, sp, dense.query, lexicalOnly)
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

// withoutVectors returns the matches that are not among the candidates. Their windows
// have no vectors, since the model server refused them. They get similarity 0, which is
// about the similarity of the centred vectors of unrelated texts.
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
