package lexical

import "math"

// The usual values of BM25's two constants: how soon another occurrence of a
// term stops adding, and how much a long passage is held back. Robertson and
// Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, 3.5.
const (
	k1 = 1.2
	b  = 0.75
)

// Weights returns how much each term, by its ID, weighs in the passage that
// terms were read from: tf·(k1+1) / (tf + k1·(1−b + b·length/averageLength)),
// with tf the times that it occurs and the length counted in terms. A weight
// lies between 0 and k1+1. A part of a compound word occurs half a time. averageLength is the mean number of terms of the
// passages that this one is compared with.
func Weights(terms []Term, averageLength float64) map[int32]float32 {
	counts := make(map[int32]float64, len(terms))
	for _, t := range terms {
		counts[t.ID()] += t.count()
	}
	held := k1 * (1 - b + b*float64(len(terms))/averageLength)
	weights := make(map[int32]float32, len(counts))
	for id, tf := range counts {
		weights[id] = float32(tf * (k1 + 1) / (tf + held))
	}
	return weights
}

// partCount is how often a part of a compound word counts as occurring.
const partCount = 0.5

func (t Term) count() float64 {
	if t.Part {
		return partCount
	}
	return 1
}

// IDF returns how much a term tells that df of n passages hold:
// ln(1 + (n−df+½)/(df+½)), which is never negative. The BM25 of a passage for a
// query is the sum over the query's terms of IDF times the passage's weight.
func IDF(df, n int) float64 {
	return math.Log1p((float64(n-df) + 0.5) / (float64(df) + 0.5))
}
