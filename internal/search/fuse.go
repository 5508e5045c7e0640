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
	// DenseRank is the rank by mean z-score, from 1.
	DenseRank int
	// Lexical is the BM25, and LexicalRank the rank by it, from 1.
	Lexical     float64
	LexicalRank int
	// Fused orders the results: the mean z-score and the weighted BM25, or where
	// the lexical leg alone answered, the BM25.
	Fused float64
}

// ranked is a candidate with its place.
type ranked struct {
	document.PassageKey
	Language string
	Scores
}

// fuse ranks candidates, best first, by the weighted sum of what the two legs
// say: the mean z-score of the vectors and, where the lexical leg found the
// passage, its BM25. Reciprocal ranks would not do: of a passage in another
// language than the query BM25 says nothing (design, Retrieval 3). Whatever the
// lexical leg found must be among the candidates.
func fuse(candidates []document.Candidate, lexical map[document.PassageKey]float64, scales calibrate.Scales) []ranked {
	list := make([]ranked, len(candidates))
	for i, c := range candidates {
		list[i] = ranked{PassageKey: c.PassageKey, Language: c.Language}
		list[i].Fused = scales.Of(c.Language).Score(c.Passage, c.Window)
		list[i].Lexical = lexical[c.PassageKey]
	}
	sortBy(list, func(r ranked) float64 { return r.Fused })
	for i := range list {
		list[i].DenseRank = i + 1
	}
	if len(lexical) == 0 {
		return list
	}
	weight := lexicalWeightSeveralLanguages
	if len(languagesOf(list)) == 1 {
		weight = lexicalWeightOneLanguage
	}
	sortBy(list, func(r ranked) float64 { return r.Lexical })
	for i := range list {
		if list[i].Lexical > 0 {
			list[i].LexicalRank = i + 1
			list[i].Fused += weight * list[i].Lexical
		}
	}
	sortBy(list, func(r ranked) float64 { return r.Fused })
	return list
}

// byTerms ranks by BM25 alone.
func byTerms(matches []document.Match) []ranked {
	list := make([]ranked, len(matches))
	for i, m := range matches {
		list[i] = ranked{PassageKey: m.PassageKey, Language: m.Language, Scores: Scores{Lexical: m.Score, Fused: m.Score}}
	}
	sortBy(list, func(r ranked) float64 { return r.Lexical })
	for i := range list {
		list[i].LexicalRank = i + 1
	}
	return list
}

// sortBy sorts by a score, highest first, ties by name.
func sortBy(list []ranked, score func(ranked) float64) {
	slices.SortFunc(list, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
	})
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
	waiting := make(map[string][]ranked, len(languages))
	for _, r := range list {
		waiting[r.Language] = append(waiting[r.Language], r)
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
			if len(waiting[l]) > 0 && (lacks(l) || !last) && (next == "" || waiting[l][0].Fused > waiting[next][0].Fused) {
				next = l
			}
		}
		out = append(out, waiting[next][0])
		waiting[next] = waiting[next][1:]
		taken[next]++
	}
	return out
}
