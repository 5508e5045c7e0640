package search

import (
	"math"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// withRelevance adds to candidates that vectors ranked how likely each answers a
// query in a language, which also weighs in their order where words were
// compared. What tells is how near it is and, in the query's language, how many of
// the query's words it holds. Fused alone would not do: how far a passage stands
// out depends on how many others the corpus has about the same.
func withRelevance(list []ranked, near denseLeg, words bm25, language string) []ranked {
	nearness := make(map[document.PassageKey]float64, len(near.candidates))
	for _, c := range near.candidates {
		nearness[c.PassageKey] = near.scales.Of(c.Language).Nearness(c.Passage, c.Window)
	}
	compared := len(words.bounds) > 0
	for i, r := range list {
		share := supposedShare
		if compared {
			share = words.share(r)
			if r.Language != language {
				share = max(share, supposedShare)
			}
		}
		odds := nearnessOdds*nearness[r.PassageKey] + shareOdds*share + vectorOdds
		list[i].Relevance = logistic(odds)
		if compared {
			list[i].Fused += oddsWeight * odds
		}
	}
	sortBy(list, func(r ranked) float64 { return r.Fused })
	return list
}

// withTermRelevance does so for candidates that terms alone ranked, by how much
// of the most that it could each scores.
func withTermRelevance(list []ranked, queries map[string]lexical.Query) []ranked {
	for i, r := range list {
		share := 0.0
		if r.Lexical > 0 {
			share = r.Lexical / queries[r.Language].Bound()
		}
		list[i].Relevance = logistic(termShareOdds*share + termOdds)
	}
	return list
}

// logistic returns the probability that log-odds stand for, in the precision that
// callers get it in, so that what they compare it with is what they saw.
func logistic(odds float64) float32 { return float32(1 / (1 + math.Exp(-odds))) }

// anyConfident reports whether a list holds a passage that may well be an answer.
func anyConfident(list []ranked) bool {
	return slices.ContainsFunc(list, func(r ranked) bool { return r.Relevance >= confident })
}

// relevant leaves the passages of at least a relevance.
func relevant(list []ranked, least float32) []ranked {
	return slices.DeleteFunc(list, func(r ranked) bool { return r.Relevance < least })
}
