package search

import (
	"cmp"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
)

// Scores explain the rank of a passage. A rank is 0 if that leg did not find the passage.
type Scores struct {
	// DenseRank is the rank by weighted z-score, from 1.
	DenseRank int
	// Lexical is the BM25 score, and LexicalRank the rank by it, from 1.
	Lexical     float64
	LexicalRank int
	// Fused orders the results. It is the weighted z-score, reduced for words of the
	// query that the passage lacks. If only the lexical leg answered, it is the BM25
	// score divided by the highest one that a passage of its language can have, 0 to 1.
	Fused float64
	// Relevance is the estimated probability that the passage answers, 0 to 1.
	Relevance float32
	// Pivot is the cosine between the centred vectors of the passage and of the best
	// passage, if the best passage is in another language and moved this one up. Otherwise
	// it is 0.
	Pivot float64
	// Named reports whether the passage is an article that the question names. Such
	// articles come first.
	Named bool
	// Rerank is the reranker's score, in any range. Reranked reports whether the passage
	// has one. Passages that have one are ordered by it.
	Rerank   float64
	Reranked bool
}

// ranked is a candidate with its scores.
type ranked struct {
	document.PassageKey
	Language string
	Scores
	Copies         []document.PassageKey
	similarity     float64 // to the query
	score          float64 // weighted z-score
	held           float64 // share of the query's words in the passage, weighted by IDF
	numbersLacking float64 // share of the query's numbers that the passage does not contain
	odds           float64 // log-odds of being an answer
	topical        float32 // relevance if contradictions, absent words, and other numbers, years and names did not count
	phrases        int     // number of the query's quoted phrases that the passage contains
	signature      document.Signature
	// distinctive reports whether the passage contains a word of the query that few
	// passages contain.
	distinctive bool
}

// bm25 holds the lexical leg's data about the candidates.
type bm25 struct {
	scores map[document.PassageKey]float64               // scores of the candidates that share a term with the query
	bounds map[string]float64                            // upper bounds of the score, by language
	terms  map[document.PassageKey]document.PassageTerms // terms of all candidates
}

// share returns a passage's score relative to the upper bound of its language, 0 to 1.
func (b bm25) share(r ranked) float64 {
	if r.Lexical == 0 {
		return 0
	}
	return r.Lexical / b.bounds[r.Language]
}

// fuse ranks candidates for a query in a language, best first. Fused is the weighted
// z-score of the vectors, reduced by how far a passage's share of the query's words is
// below the best share in its language. Neither BM25 scores nor reciprocal ranks work
// instead: if a passage is in another language than the query, words say almost nothing
// about it, and passages in the query's language would come before all others
// (docs/decisions, RANK-7).
func fuse(candidates []document.Candidate, words bm25, scales calibrate.Scales, language string) []ranked {
	list := make([]ranked, len(candidates))
	for i, c := range candidates {
		list[i] = ranked{PassageKey: c.PassageKey, Language: c.Language, signature: c.Signature}
		list[i].similarity = calibrate.Similarity(c.Passage, c.Window)
		list[i].score = scales.Of(c.Language).Score(c.Passage, c.Window)
		list[i].Fused = list[i].score
		list[i].Lexical = words.scores[c.PassageKey]
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
	for i := range list {
		list[i].DenseRank = i + 1
	}
	if len(words.bounds) == 0 { // the lexical leg was not used
		return list
	}
	sortBy(list, func(r *ranked) float64 { return r.Lexical })
	best := map[string]float64{language: leastBest}
	for i, r := range list {
		best[r.Language] = max(best[r.Language], words.share(r))
		if r.Lexical > 0 {
			list[i].LexicalRank = i + 1
		}
	}
	for i, r := range list {
		list[i].Fused -= lexicalWeight * (best[r.Language] - words.share(r))
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
	return list
}

// boost adds to Fused the evidence that is comparable across languages: the log-odds of
// being an answer, and a bonus for passages, in any language, that contain nearly all of
// the query's words or a distinctive one.
func boost(list []ranked, language string) {
	for i, r := range list {
		list[i].Fused += oddsWeight * r.odds
		whole := wholeWeight * max(0, r.held-nearlyAll) / (1 - nearlyAll)
		if r.distinctive {
			whole += distinctiveWeight
		}
		if r.Language == language {
			whole += ownLanguage
		} else {
			whole /= 2
		}
		list[i].Fused += whole
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
}

// rankByBM25 ranks by BM25 scores alone. setLexicalRelevance then makes the order
// comparable across languages.
func rankByBM25(matches []document.Match) []ranked {
	list := make([]ranked, len(matches))
	for i, m := range matches {
		list[i] = ranked{PassageKey: m.PassageKey, Language: m.Language, Scores: Scores{Lexical: m.Score, Fused: m.Score}}
	}
	sortBy(list, func(r *ranked) float64 { return r.Lexical })
	for i := range list {
		list[i].LexicalRank = i + 1
	}
	return list
}

// sortBy sorts by a score, highest first, and by key if scores are equal. It moves each
// candidate only once, since candidates are large.
func sortBy(list []ranked, score func(*ranked) float64) {
	type slot struct {
		score float64
		at    int
	}
	slots := make([]slot, len(list))
	for i := range list {
		slots[i] = slot{score(&list[i]), i}
	}
	slices.SortFunc(slots, func(a, b slot) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		one, other := &list[a.at], &list[b.at]
		return cmp.Or(cmp.Compare(one.Document, other.Document), cmp.Compare(one.Ordinal, other.Ordinal))
	})
	for first := range slots {
		held, at := list[first], first
		for slots[at].at != first { // follows a cycle of the permutation
			from := slots[at].at
			list[at], slots[at].at = list[from], at
			at = from
		}
		list[at], slots[at].at = held, at
	}
}

// languagesOf returns the languages of a list, sorted.
func languagesOf(list []ranked) []string {
	var languages []string
	for _, r := range list {
		if !slices.Contains(languages, r.Language) {
			languages = append(languages, r.Language)
		}
	}
	slices.Sort(languages)
	return languages
}

// balance moves candidates up so that, for every m, each of n languages has at least
// m/(balanceShare·n) of the first m results, rounded down, as long as it has candidates.
// Otherwise it keeps the order.
func balance(list []ranked) []ranked {
	languages := languagesOf(list)
	waiting := make(map[string][]int, len(languages)) // indexes in the list
	for i, r := range list {
		waiting[r.Language] = append(waiting[r.Language], i)
	}
	taken := make(map[string]int, len(languages))
	out := make([]ranked, 0, len(list))
	stretch := balanceShare * len(languages) // number of results among which each language must have one
	for len(out) < len(list) {
		owed := len(out)/stretch + 1 // number that each language must have at the end of this stretch
		lacks := func(l string) bool { return taken[l] < owed && len(waiting[l]) > 0 }
		lacking := 0
		for _, l := range languages {
			if lacks(l) {
				lacking++
			}
		}
		last := stretch-len(out)%stretch <= lacking // the languages that lack one take the rest of the stretch
		next := ""
		for _, l := range languages {
			if len(waiting[l]) > 0 && (lacks(l) || !last) && (next == "" || waiting[l][0] < waiting[next][0]) {
				next = l
			}
		}
		out = append(out, list[waiting[next][0]])
		waiting[next] = waiting[next][1:]
		taken[next]++
	}
	return out
}
