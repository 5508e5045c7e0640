package search

import (
	"cmp"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
)

// Scores say why a passage stands where it stands. Of a leg that did not see
// the passage the rank is 0.
type Scores struct {
	// DenseRank is the rank by weighted z-score, from 1.
	DenseRank int
	// Lexical is the BM25, and LexicalRank the rank by it, from 1.
	Lexical     float64
	LexicalRank int
	// Fused orders the results: the weighted z-score, less what the passage lacks of
	// the query's words; where the lexical leg alone answered, the BM25.
	Fused float64
	// Relevance is the estimated probability that the passage answers, 0 to 1.
	Relevance float32
	// Pivot is the cosine of the centred vectors of the passage and of the best
	// passage, which is in another language, if that moved the passage up; else 0.
	Pivot float64
	// Named says that it is an article that the question names, and stands before
	// what it does not.
	Named bool
	// Rerank is the reranker's score, in whatever range it has, and Reranked says
	// that there is one. Among those that have one it orders the results.
	Rerank   float64
	Reranked bool
}

// ranked is a candidate with its place.
type ranked struct {
	document.PassageKey
	Language string
	Scores
	Copies  []document.PassageKey
	score   float64 // weighted z-score
	held    float64 // share of the query's words that it holds, weighted by their IDF
	lacking float64 // share of the query's numbers that it lacks
	odds    float64 // log-odds of being an answer
	topical float32 // relevance if it held all of the query's numbers
	phrases int     // that the query quotes and it holds
	// singledOut reports whether it holds a word of the query that few passages have.
	singledOut bool
}

// bm25 is what the lexical leg says of the candidates.
type bm25 struct {
	scores map[document.PassageKey]float64               // of those that share a term
	bounds map[string]float64                            // what none can exceed, by language
	terms  map[document.PassageKey]document.PassageTerms // of all candidates
}

// share returns how much of the most that it could a passage scores, 0 to 1.
func (b bm25) share(r ranked) float64 {
	if r.Lexical == 0 {
		return 0
	}
	return r.Lexical / b.bounds[r.Language]
}

// fuse ranks candidates for a query in a language, best first, by the weighted sum of
// what the two legs say: the weighted z-score of the vectors, and how far a passage's
// share of the query's words is behind the best in its language. Neither the BM25 itself nor
// reciprocal ranks would do: of a passage in another language than the query
// words say next to nothing, and what they say for those in the query's own
// puts these before all others (docs/decisions, RANK-7).
func fuse(candidates []document.Candidate, words bm25, scales calibrate.Scales, language string) []ranked {
	list := make([]ranked, len(candidates))
	for i, c := range candidates {
		list[i] = ranked{PassageKey: c.PassageKey, Language: c.Language}
		list[i].score = scales.Of(c.Language).Score(c.Passage, c.Window)
		list[i].Fused = list[i].score
		list[i].Lexical = words.scores[c.PassageKey]
	}
	sortBy(list, func(r *ranked) float64 { return r.Fused })
	for i := range list {
		list[i].DenseRank = i + 1
	}
	if len(words.bounds) == 0 { // words were not looked at
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

// weigh adds to the order of candidates that words were compared of what makes
// languages comparable by words after all: a passage that holds nearly all of the
// query's words or a rare one, in whatever language, and the odds of being an answer.
func weigh(list []ranked, language string) {
	for i, r := range list {
		list[i].Fused += oddsWeight * r.odds
		whole := wholeWeight * max(0, r.held-nearlyAll) / (1 - nearlyAll)
		if r.singledOut {
			whole += tellingWeight
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

// byTerms ranks by BM25 alone.
func byTerms(matches []document.Match) []ranked {
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

// sortBy sorts by a score, highest first, ties by name. It moves each candidate, which
// is large, once.
func sortBy(list []ranked, score func(*ranked) float64) {
	type place struct {
		score float64
		at    int
		*ranked
	}
	places := make([]place, len(list))
	for i := range list {
		places[i] = place{score(&list[i]), i, &list[i]}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	for first := range places {
		held, at := list[first], first
		for places[at].at != first { // of what is to stand here, what is to stand there
			from := places[at].at
			list[at], places[at].at = list[from], at
			at = from
		}
		list[at], places[at].at = held, at
	}
}

// languagesOf returns the languages in a list, sorted.
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

// balance moves candidates up so that wherever the list is cut, after m results
// say, each of its n languages has at least m/(balanceShare·n) of them, rounded
// down, as far as it has candidates. All else keeps its order.
func balance(list []ranked) []ranked {
	languages := languagesOf(list)
	waiting := make(map[string][]int, len(languages)) // places in the list
	for i, r := range list {
		waiting[r.Language] = append(waiting[r.Language], i)
	}
	taken := make(map[string]int, len(languages))
	out := make([]ranked, 0, len(list))
	stretch := balanceShare * len(languages) // within it each language must have one
	for len(out) < len(list) {
		owed := len(out)/stretch + 1 // at the end of this stretch
		lacks := func(l string) bool { return taken[l] < owed && len(waiting[l]) > 0 }
		lacking := 0
		for _, l := range languages {
			if lacks(l) {
				lacking++
			}
		}
		last := stretch-len(out)%stretch <= lacking // no place is left for others
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
