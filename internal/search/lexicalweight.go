package search

// usualWeight is the lexical weight of the default order, in which both legs count fully.
const usualWeight = .5

// lexicalWeight returns the weight of words in the order.
func (r Request) lexicalWeight() float64 {
	if r.LexicalWeight == nil {
		return usualWeight
	}
	return *r.LexicalWeight
}

// meaningShare returns the share of the order that is not by words alone: 1 up to the usual
// weight, and 0 if only words count.
func (r Request) meaningShare() float64 { return min(1, (1-r.lexicalWeight())/(1-usualWeight)) }

// weighWords sets Fused to a mixture of two scores, by the lexical weight, and sorts the
// list by it. One is the score by both legs, which Fused holds before the call. The other
// is the score by meaning if the weight is below the usual one, and the score by words if
// it is above.
func (r Request) weighWords(list []ranked, words *coverage) {
	weight := r.lexicalWeight()
	switch share := r.meaningShare(); {
	case weight == usualWeight:
		return
	case weight < usualWeight:
		for i, p := range list {
			list[i].Fused = p.score + (p.Fused-p.score)*weight/usualWeight
			if weight == 0 {
				list[i].numbersLacking = 0 // numbers count as words, so lacking them does not matter
			}
		}
	default:
		for i, p := range list {
			list[i].Fused = p.Fused*share + wordScore(p, words, len(list))*(1-share)
		}
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
}

// wordScore returns the score of a passage by words alone, in the unit of Fused. Passages
// without words of the query have a negative score, and rank among themselves by meaning.
func wordScore(p ranked, words *coverage, n int) float64 {
	if p.Lexical == 0 {
		return -float64(p.DenseRank) / float64(n)
	}
	return wordScale * words.bm25Share(p)
}
