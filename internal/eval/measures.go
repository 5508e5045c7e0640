// Package eval measures rankings against judgements. It reads judged sets, scores
// runs over them, and writes runs to files. It does not produce rankings.
package eval

import (
	"math"
	"slices"
)

// Measures holds the quality of one query's ranking, or the mean over queries. Each
// measure is between 0 and 1 and defined as in trec_eval.
type Measures struct {
	NDCG10    float64 `json:"ndcg_at_10"` // with the grade itself as gain
	MRR10     float64 `json:"mrr_at_10"`  // 1 / rank of the first answer
	Recall10  float64 `json:"recall_at_10"`
	Recall100 float64 `json:"recall_at_100"`
	MAP       float64 `json:"map"` // mean average precision over the whole ranking
	Hit1      float64 `json:"hit_at_1"`
}

// Summary is the mean over queries. It is zero if there are none.
type Summary struct {
	Queries int `json:"queries"`
	Measures
}

// measure returns the measures of a ranking. gains has the grade of the result at each
// rank, or 0 for a result that is not an answer. grades has the grades of all answers.
func measure(gains, grades []int) Measures {
	ideal := slices.Clone(grades)
	slices.SortFunc(ideal, func(a, b int) int { return b - a })
	m := Measures{NDCG10: dcg10(gains) / dcg10(ideal)}
	var found float64
	for i, gain := range gains {
		if gain == 0 {
			continue
		}
		found++
		rank := i + 1
		m.MAP += found / float64(rank) / float64(len(grades))
		if rank <= 10 && found == 1 {
			m.MRR10 = 1 / float64(rank)
		}
		if rank <= 10 {
			m.Recall10 = found / float64(len(grades))
		}
		if rank <= 100 {
			m.Recall100 = found / float64(len(grades))
		}
		if rank == 1 {
			m.Hit1 = 1
		}
	}
	return m
}

// dcg10 returns the discounted cumulative gain of the first ten results.
func dcg10(gains []int) float64 {
	var sum float64
	for i, gain := range gains[:min(10, len(gains))] {
		sum += float64(gain) / math.Log2(float64(i+2))
	}
	return sum
}

func mean(all []Measures) Summary {
	s := Summary{Queries: len(all)}
	n := float64(len(all))
	for _, m := range all {
		s.NDCG10 += m.NDCG10 / n
		s.MRR10 += m.MRR10 / n
		s.Recall10 += m.Recall10 / n
		s.Recall100 += m.Recall100 / n
		s.MAP += m.MAP / n
		s.Hit1 += m.Hit1 / n
	}
	return s
}
