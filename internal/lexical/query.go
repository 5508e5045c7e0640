package lexical

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// joining and negating are the terms of stop words that people write in upper case as
// operators: joining between two words of a query, negating before one. In these places they
// are not acronyms.
var (
	joining  = map[string]bool{"AND": true, "OR": true}
	negating = map[string]bool{"NOT": true}
)

// QueryTerms returns the terms of a query, as Terms does, without its operators: AND and OR
// between other words, and NOT before one. Elsewhere they are acronyms: "OR" is Oregon. Codes such
// as "LT628" also have their letters and their number as parts, and "LT 628" is also one code.
// Arabic and Hebrew words have other forms (withOtherForms). Names also have their acronym, and
// acronyms the initials of names, but names do not have their initials (withAcronyms).
func QueryTerms(query, language string) []Term {
	query = strings.TrimRightFunc(query, unicode.IsSpace)
	begun := len(query) - len(strings.TrimLeftFunc(query, unicode.IsSpace))
	terms := slices.DeleteFunc(Terms(query, language), func(t Term) bool {
		return t.End < len(query) && (negating[t.Text] || joining[t.Text] && t.Start > begun)
	})
	return withAcronyms(withOtherForms(language, withGluedParts(query, language, withSplitCodes(query, terms))))
}

// Counts holds term counts over the passages of one language.
type Counts struct {
	Passages int
	// Holding is the number of passages that contain a term, by term ID. No passage
	// contains a term that is missing here.
	Holding map[int32]int
}

// Query is a question weighted for the passages of one language. The BM25 score of a
// passage is the inner product of its weights and the query's.
type Query struct {
	// Weights holds, by term ID, the term's IDF times its number of occurrences in
	// the question.
	Weights map[int32]float32
	counts  Counts
}

// NewQuery returns the query for terms. They must be analysed in the language that
// counts belong to.
func NewQuery(terms []Term, counts Counts) Query {
	q := Query{Weights: make(map[int32]float32, len(terms)), counts: counts}
	for _, t := range terms {
		id := t.ID()
		q.Weights[id] += float32(t.countAsked() * IDF(counts.Holding[id], counts.Passages))
	}
	return q
}

// Passages returns the number of passages in the query's language.
func (q Query) Passages() int { return q.counts.Passages }

// Bound returns an upper bound of the BM25 score: the score of a passage that contained
// every term of the query infinitely often.
func (q Query) Bound() float64 {
	sum := 0.0
	for _, w := range q.Weights {
		sum += float64(w)
	}
	return (k1 + 1) * sum
}

// Rest returns the sum of the weights of the query's terms that some passage contains,
// without those in except.
func (q Query) Rest(except map[int32]float32) float64 {
	sum := 0.0
	for id, w := range q.Weights {
		if _, given := except[id]; !given && q.counts.Holding[id] > 0 {
			sum += float64(w)
		}
	}
	return sum
}

// Scorer computes BM25 scores for one query. The zero value scores every passage 0.
type Scorer struct {
	ids     []int32 // ascending
	weights []float32
}

// Scorer returns the scorer of the query.
func (q Query) Scorer() Scorer {
	s := Scorer{ids: slices.Sorted(maps.Keys(q.Weights)), weights: make([]float32, len(q.Weights))}
	for i, id := range s.ids {
		s.weights[i] = q.Weights[id]
	}
	return s
}

// Score returns the BM25 score of a passage that holds the terms ids, in ascending
// order, with the given weights. It sums like pgvector, in float32 and in the order
// of the ids.
func (s Scorer) Score(ids []int32, weights []float32) float64 {
	sum := float32(0)
	for i, id := range s.ids {
		if at, held := slices.BinarySearch(ids, id); held {
			sum += weights[at] * s.weights[i]
		}
	}
	return float64(sum)
}

// Terms returns the IDs of the query's terms, rarest first.
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

// Held returns the IDs of the terms that at least one passage holds, rarest first.
func (q Query) Held() []int32 {
	return slices.DeleteFunc(q.Terms(), func(id int32) bool { return q.counts.Holding[id] == 0 })
}

// Holding returns how many passages hold a term.
func (q Query) Holding(id int32) int { return q.counts.Holding[id] }

// Rarest returns the IDs of the rarest terms in Held: as many as possible while the sum of
// their Holding is at most limit, but at least one. It returns all of Held if the language
// has at most limit passages.
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
