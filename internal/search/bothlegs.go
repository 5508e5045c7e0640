package search

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/telemetry"
)

// BothIndexes reads vectors and terms together, which saves round trips. See store.Store
// for the full contract.
type BothIndexes interface {
	// CountingOnce returns a context for calls with the same filter. In these calls, the
	// matching passages are counted only once.
	CountingOnce(ctx context.Context, f document.Filter) context.Context
	// Narrow replaces conditions on documents by the ids of the documents that meet them, if
	// they are few. possible is false if no document meets them.
	Narrow(ctx context.Context, sp space.Space, f document.Filter) (narrowed document.Filter, possible bool, err error)
	// TermsAndSimilarities returns the PassageTerms of keys and the Similarities of others.
	TermsAndSimilarities(ctx context.Context, sp space.Space, queries map[string]lexical.Query, keys []document.PassageKey, vector []float32, others []document.PassageKey) (map[document.PassageKey]document.PassageTerms, []document.Candidate, error)
}

// completeScores adds the scores of the other leg to the passages that only one leg found.
// It appends the lexical leg's passages to the dense leg's candidates, and returns the BM25
// scores of all. If the lexical leg fails, it returns the error as wordsErr and does not
// change the candidates.
func (s *Searcher) completeScores(ctx context.Context, sp space.Space, dense *denseLeg, words lexicalLeg) (all bm25, wordsErr, err error) {
	ctx, stage := telemetry.Start(ctx, telemetry.SearchScores)
	defer func() { stage.End(cmp.Or(err, wordsErr)) }()
	all = bm25{scores: make(map[document.PassageKey]float64, len(words.matches)+len(dense.candidates)), bounds: make(map[string]float64, len(words.queries))}
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
	missing, wordsErr, err := s.readScores(ctx, sp, dense, words, lexicalOnly)
	if err != nil || wordsErr != nil {
		return bm25{}, wordsErr, err
	}
	all.terms = missing.terms
	for key, t := range all.terms {
		if t.Score > 0 {
			all.scores[key] = t.Score
		}
	}
	dense.candidates = append(dense.candidates, missing.candidates...)
	if len(missing.candidates) < len(lexicalOnly) {
		dense.candidates = append(dense.candidates, withoutVectors(words.matches, dense.candidates)...)
	}
	return all, nil, nil
}

// scores are what one leg has not read about the passages of the other.
type scores struct {
	terms      map[document.PassageKey]document.PassageTerms // of the passages that either leg found
	candidates []document.Candidate                          // similarities of the passages that only the lexical leg found
}

// readScores returns the scores of the passages that the legs found. Terms that the matches have
// are not read again. It reads terms and similarities in one round trip. If that fails, it reads
// them separately, to find out which of the two fails.
func (s *Searcher) readScores(ctx context.Context, sp space.Space, dense *denseLeg, words lexicalLeg, lexicalOnly []document.PassageKey) (out scores, wordsErr, err error) {
	out.terms = make(map[document.PassageKey]document.PassageTerms, len(words.matches)+len(dense.candidates))
	for _, m := range words.matches {
		if m.Terms != nil {
			out.terms[m.PassageKey] = *m.Terms
		}
	}
	keys := slices.DeleteFunc(slices.Concat(keysOfCandidates(dense.candidates), lexicalOnly), func(key document.PassageKey) bool {
		_, ok := out.terms[key]
		return ok
	})
	if len(keys) == 0 && len(lexicalOnly) == 0 {
		return out, nil, nil
	}
	read, candidates, err := s.cfg.Both.TermsAndSimilarities(ctx, sp, words.queries, keys, dense.query, lexicalOnly)
	if err != nil {
		read, wordsErr = s.cfg.Terms.PassageTerms(ctx, sp, words.queries, keys)
		candidates, err = s.cfg.Vectors.Similarities(ctx, sp, dense.query, lexicalOnly)
	}
	maps.Copy(out.terms, read)
	out.candidates = candidates
	return out, wordsErr, err
}

func keysOfCandidates(list []document.Candidate) []document.PassageKey {
	keys := make([]document.PassageKey, len(list))
	for i, c := range list {
		keys[i] = c.PassageKey
	}
	return keys
}

// withoutVectors returns the matches that are not among the candidates. Their windows have
// no vectors, since the model server refused to embed them. They get similarity 0, which is
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
