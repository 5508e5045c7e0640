package lexical

import (
	"cmp"
	"maps"
	"slices"
)

// Counts is what is counted over the passages of one language.
type Counts struct {
	Passages int
	// Holding is how many passages hold a term, by its ID; none of one that is
	// missing.
	Holding map[int32]int
}

// Query is a question as the passages of one language are compared with it: the
// BM25 of a passage is the inner product of its weights and the query's.
type Query struct {
	// Weights are, by the term's ID, its IDF times how often the question has it.
	Weights map[int32]float32
	counts  Counts
}

// NewQuery returns the query that terms, read in the language that counts were
// made over, make.
func NewQuery(terms []Term, counts Counts) Query {
	q := Query{Weights: make(map[int32]float32, len(terms)), counts: counts}
	for _, t := range terms {
		id := t.ID()
		q.Weights[id] += float32(t.count() * IDF(counts.Holding[id], counts.Passages))
	}
	return q
}

// Passages returns how many passages there are in the query's language.
func (q Query) Passages() int { return q.counts.Passages }

// Bound returns the BM25 that no passage exceeds: that of one which holds every
// term of the question as often as counts.
func (q Query) Bound() float64 {
	sum := 0.0
	for _, w := range q.Weights {
		sum += float64(w)
	}
	return (k1 + 1) * sum
}

// Rest returns the sum of the weights of the terms that passages hold, but for those
// that are given.
func (q Query) Rest(but map[int32]float32) float64 {
	sum := 0.0
	for id, w := range q.Weights {
		if _, given := but[id]; !given && q.counts.Holding[id] > 0 {
			sum += float64(w)
		}
	}
	return sum
}

// Scorer computes the BM25 of passages for a query, of none 0.
type Scorer struct {
	ids     []int32 // in order
	weights []float32
}

// Scorer returns the query's.
func (q Query) Scorer() Scorer {
	s := Scorer{ids: slices.Sorted(maps.Keys(q.Weights)), weights: make([]float32, len(q.Weights))}
	for i, id := range s.ids {
		s.weights[i] = q.Weights[id]
	}
	return s
}

// Score returns the BM25 of a passage with terms, by their IDs in order, that weigh
// so much. It adds up as pgvector does, in float32 and in the order of the terms.
func (s Scorer) Score(ids []int32, weights []float32) float64 {
	sum := float32(0)
	for i, id := range s.ids {
		if at, held := slices.BinarySearch(ids, id); held {
			sum += weights[at] * s.weights[i]
		}
	}
	return float64(sum)
}

// Terms returns the IDs of the terms, those that fewest passages hold first.
func (q Query) Terms() []int32 {
	ids := make([]int32, 0, len(q.Weights))
	for id := range q.Weights {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(q.counts.Holding[a], q.counts.Holding[b]), cmp.Compare(a, b))
	})
	return ids
}

// Held returns the IDs of the terms that any passage counted holds, in the order of
// Terms.
func (q Query) Held() []int32 {
	return slices.DeleteFunc(q.Terms(), func(id int32) bool { return q.counts.Holding[id] == 0 })
}

// Holding returns how many of the passages counted hold a term.
func (q Query) Holding(id int32) int { return q.counts.Holding[id] }

// Rarest returns the IDs of the terms that fewest passages hold, as many as
// together no more than limit passages hold, and always the first; all of Held
// where the language has no more than limit passages.
func (q Query) Rarest(limit int) []int32 {
	ids := q.Held()
	if q.counts.Passages <= limit {
		return ids
	}
	held := 0
	for i, id := range ids {
		if held > 0 && held+q.counts.Holding[id] > limit {
			return ids[:i]
		}
		held += q.counts.Holding[id]
	}
	return ids
}
