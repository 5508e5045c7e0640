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
	terms   map[document.PassageKey][]int32
}

// newHoldings returns the holdings of passages whose terms are given, sorted.
func newHoldings(words lexicalLeg, terms map[document.PassageKey][]int32) *holdings {
	h := &holdings{queries: words.queries, numbers: make(map[string][]int32, len(words.terms)), terms: terms}
	for language, asked := range words.terms {
		for _, term := range asked {
			if !term.Part && slices.ContainsFunc([]rune(term.Text), unicode.IsNumber) {
				h.numbers[language] = append(h.numbers[language], term.ID())
			}
		}
	}
	return h
}

// of returns the share of the query's words, weighted by their IDF, that a passage in
// a language holds, and the share of the query's numbers that it lacks, each 0 to 1.
func (h *holdings) of(key document.PassageKey, language string) (held, lacking float64) {
	terms := h.terms[key]
	holds := func(id int32) bool {
		_, found := slices.BinarySearch(terms, id)
		return found
	}
	all, some := 0., 0.
	for id, weight := range h.queries[language].Weights {
		all += float64(weight)
		if holds(id) {
			some += float64(weight)
		}
	}
	if all > 0 {
		held = some / all
	}
	missing := 0
	for _, id := range h.numbers[language] {
		if !holds(id) {
			missing++
		}
	}
	if n := len(h.numbers[language]); n > 0 {
		lacking = float64(missing) / float64(n)
	}
	return held, lacking
}
