package lexical

import "math"

// k1 controls how soon repeated occurrences of a term stop adding weight, and b how much
// long passages are penalised. Both have their usual values: Robertson and Zaragoza, The
// Probabilistic Relevance Framework: BM25 and Beyond, 2009, 3.5.
const (
	k1 = 1.2
	b  = 0.75
)

// Weights returns the BM25 weights of a passage's terms by ID: tf·(k1+1) / (tf + k1·(1−b +
// b·length/averageLength)). tf is the number of occurrences of the term, and length the
// number of terms. A weight is between 0 and k1+1. A part of a compound word counts as half
// an occurrence. averageLength is the mean number of terms of the passages of the language.
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

// partCount is how much one occurrence of a part of a compound word adds to tf.
const partCount = 0.5

func (t Term) count() float64 {
	if t.Part {
		return partCount
	}
	return 1
}

// IDF returns the inverse document frequency of a term that df of n passages contain: ln(1
// + (n−df+½)/(df+½)). It is never negative. The BM25 score of a passage is the sum, over
// the query's terms, of the IDF times the weight in the passage.
func IDF(df, n int) float64 {
	return math.Log1p((float64(n-df) + 0.5) / (float64(df) + 0.5))
}
