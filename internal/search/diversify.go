package search

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// diversify reorders the first passages of a list by maximal marginal relevance (Carbonell
// and Goldstein, 1998). The next passage is the one with the greatest (1 − diversity) ·
// relevance − diversity · likeness. Relevance is the score scaled to 0 to 1. Likeness is
// the greatest cosine between the passage's centred vector and those of the passages before
// it. Diversity is 0 to 1; 0 changes nothing.
func (s *Searcher) diversify(ctx context.Context, sp space.Space, list []ranked, diversity float64) ([]ranked, error) {
	if diversity == 0 || len(list) == 0 {
		return list, nil
	}
	head := slices.Clone(list[:min(diversified, len(list))])
	vectors, err := s.cfg.Vectors.PassageVectors(ctx, sp, keysOf(head))
	if err != nil {
		return nil, err
	}
	values := scaledScores(head)
	likeness := make([]float64, len(head))
	taken := make([]bool, len(head))
	for place := range head {
		best, most := -1, 0.0
		for i := range head {
			if value := (1-diversity)*values[i] - diversity*likeness[i]; !taken[i] && (best < 0 || value > most) {
				best, most = i, value
			}
		}
		taken[best] = true
		list[place] = head[best]
		for i := range head {
			likeness[i] = max(likeness[i], cosine(vectors, head[i].PassageKey, head[best].PassageKey))
		}
	}
	return list, nil
}

// scaledScores returns the scores scaled from 1 for the highest to 0 for the lowest. If a
// passage is before one with a higher score, it counts as having that score.
func scaledScores(list []ranked) []float64 {
	values := make([]float64, len(list))
	highest := list[len(list)-1].Fused
	lowest := highest
	for i := len(list) - 1; i >= 0; i-- {
		highest, lowest = max(highest, list[i].Fused), min(lowest, list[i].Fused)
		values[i] = highest
	}
	for i := range values {
		if highest > lowest {
			values[i] = (values[i] - lowest) / (highest - lowest)
		}
	}
	return values
}

// cosine returns the cosine of the unit vectors of two passages, or 0 if one is missing.
func cosine(vectors map[document.PassageKey][]float32, a, b document.PassageKey) (sum float64) {
	v, w := vectors[a], vectors[b]
	for i := range min(len(v), len(w)) {
		sum += float64(v[i]) * float64(w[i])
	}
	return sum
}
