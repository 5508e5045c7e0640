package search

import (
	"slices"
	"unicode"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// holdings says which of a query's words passages hold.
type holdings struct {
	queries map[string]lexical.Query // by language
	numbers map[string][]int32       // IDs of the query's terms with a digit, by language
	unseen  float64                  // share of them that no passage of any language holds
	// wider are, by language and ID, the terms that the query has around a term: a
	// passage that holds one holds what it is made of, as "WHO" does the words of
	// "World Health Office".
	wider map[string]map[int32][]int32
	// telling are the shares of the query, by language and ID, that terms have which few
	// passages hold.
	telling map[string]map[int32]float64
	terms   map[document.PassageKey]document.PassageTerms
}

// newHoldings returns the holdings of passages whose terms are given.
func newHoldings(words lexicalLeg, terms map[document.PassageKey]document.PassageTerms) *holdings {
	h := &holdings{
		queries: words.queries, numbers: map[string][]int32{}, wider: map[string]map[int32][]int32{},
		telling: map[string]map[int32]float64{}, terms: terms,
	}
	for language, asked := range words.terms {
		h.telling[language] = telling(words.queries[language], asked)
		wider := map[int32][]int32{}
		for i, term := range asked {
			if !term.Part && slices.ContainsFunc([]rune(term.Text), unicode.IsNumber) {
				h.numbers[language] = append(h.numbers[language], term.ID())
			}
			for j := i - 1; j >= 0 && asked[j].Start == term.Start; j-- { // shorter ones that begin there come first
				wider[asked[j].ID()] = append(wider[asked[j].ID()], term.ID())
			}
			for _, inner := range asked[i+1:] {
				if inner.Start >= term.End {
					break
				}
				if inner.End <= term.End {
					wider[inner.ID()] = append(wider[inner.ID()], term.ID())
				}
			}
		}
		h.wider[language] = wider
	}
	h.unseen = h.unseenNumbers()
	return h
}

// unseenNumbers returns the share of the query's numbers that no passage holds, in the
// language where that is least: the numbers are the same in most.
func (h *holdings) unseenNumbers() float64 {
	least := 1.
	for language, ids := range h.numbers {
		unseen := 0
		for _, id := range ids {
			if h.queries[language].Holding(id) == 0 {
				unseen++
			}
		}
		least = min(least, float64(unseen)/float64(len(ids)))
	}
	if len(h.numbers) == 0 {
		return 0
	}
	return least
}

// telling returns the terms of a query that few passages hold, by ID, each with its
// share of the query by IDF.
func telling(q lexical.Query, terms []lexical.Term) map[int32]float64 {
	all := 0.
	for _, weight := range q.Weights {
		all += float64(weight)
	}
	shares := map[int32]float64{}
	for _, term := range terms {
		if n := q.Holding(term.ID()); !term.Part && n > 0 && n <= min(fewPassages, q.Passages()/fewOf) {
			shares[term.ID()] = float64(q.Weights[term.ID()]) / all
		}
	}
	return shares
}

// singledOut reports whether a passage in a language holds what few do, and what is
// much of the query.
func (h *holdings) singledOut(key document.PassageKey, language string) bool {
	held := 0.
	for id, share := range h.telling[language] {
		if h.holds(key, language, id) {
			held += share
		}
	}
	return held >= tellingShare
}

// of returns the share of the query's words, weighted by their IDF, that a passage in
// a language holds, and the share of the query's numbers that it lacks, each 0 to 1.
func (h *holdings) of(key document.PassageKey, language string) (held, lacking float64) {
	all, some := 0., 0.
	for id, weight := range h.queries[language].Weights {
		all += float64(weight)
		if h.holds(key, language, id) {
			some += float64(weight)
		}
	}
	if all > 0 {
		held = some / all
	}
	missing := 0
	for _, id := range h.numbers[language] {
		if !h.holds(key, language, id) {
			missing++
		}
	}
	if n := len(h.numbers[language]); n > 0 {
		lacking = float64(missing) / float64(n)
	}
	return held, lacking
}

// holds reports whether a passage holds a term of the query, or a wider one.
func (h *holdings) holds(key document.PassageKey, language string, id int32) bool {
	in := func(id int32) bool {
		_, found := slices.BinarySearch(h.terms[key].IDs, id)
		return found
	}
	return in(id) || slices.ContainsFunc(h.wider[language][id], in)
}
