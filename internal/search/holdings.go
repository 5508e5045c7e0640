package search

import (
	"maps"
	"slices"
	"unicode"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// holdings says which of a query's words passages hold.
type holdings struct {
	asked  map[string]askedWords // by language
	unseen float64               // share of the numbers that no passage of any language holds
	terms  map[document.PassageKey]document.PassageTerms
}

// askedWords are the words of a query as passages of one language are held against
// them.
type askedWords struct {
	words   []askedWord // in the order of their IDs
	weight  float64     // of all
	numbers []askedWord // with a digit, as often as the query has them
	// telling are those that few passages hold; their weight is a share of the query.
	telling []askedWord
}

// askedWord is a term of a query.
type askedWord struct {
	id     int32
	weight float64
	// wider are the terms that the query has around it: a passage that holds one holds
	// what it is made of, as "WHO" does the words of "World Health Office".
	wider []int32
}

// newHoldings returns the holdings of passages whose terms are given.
func newHoldings(words lexicalLeg, terms map[document.PassageKey]document.PassageTerms) *holdings {
	h := &holdings{asked: make(map[string]askedWords, len(words.terms)), terms: terms}
	for language, asked := range words.terms {
		query, wider, numbers := words.queries[language], map[int32][]int32{}, []int32(nil)
		for i, term := range asked {
			if !term.Part && slices.ContainsFunc([]rune(term.Text), unicode.IsNumber) {
				numbers = append(numbers, term.ID())
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
		var all askedWords
		for _, id := range slices.Sorted(maps.Keys(query.Weights)) {
			w := askedWord{id, float64(query.Weights[id]), wider[id]}
			all.words, all.weight = append(all.words, w), all.weight+w.weight
		}
		for _, id := range numbers {
			all.numbers = append(all.numbers, askedWord{id: id, wider: wider[id]})
		}
		shares := telling(query, asked)
		for _, id := range slices.Sorted(maps.Keys(shares)) {
			all.telling = append(all.telling, askedWord{id, shares[id], wider[id]})
		}
		h.asked[language] = all
	}
	h.unseen = h.unseenNumbers(words.queries)
	return h
}

// unseenNumbers returns the share of the query's numbers that no passage holds, in the
// language where that is least: the numbers are the same in most.
func (h *holdings) unseenNumbers(queries map[string]lexical.Query) float64 {
	least, some := 1., false
	for language, asked := range h.asked {
		if len(asked.numbers) == 0 {
			continue
		}
		unseen := 0
		for _, w := range asked.numbers {
			if queries[language].Holding(w.id) == 0 {
				unseen++
			}
		}
		least, some = min(least, float64(unseen)/float64(len(asked.numbers))), true
	}
	if !some {
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
	telling := h.asked[language].telling
	if len(telling) == 0 {
		return false
	}
	held, ids := 0., h.terms[key].IDs
	for _, w := range telling {
		if w.in(ids) {
			held += w.weight
		}
	}
	return held >= tellingShare
}

// of returns the share of the query's words, weighted by their IDF, that a passage in
// a language holds, and the share of the query's numbers that it lacks, each 0 to 1.
func (h *holdings) of(key document.PassageKey, language string) (held, lacking float64) {
	asked, ids := h.asked[language], h.terms[key].IDs
	for _, w := range asked.words {
		if w.in(ids) {
			held += w.weight
		}
	}
	if asked.weight > 0 {
		held /= asked.weight
	}
	for _, w := range asked.numbers {
		if !w.in(ids) {
			lacking++
		}
	}
	if n := len(asked.numbers); n > 0 {
		lacking /= float64(n)
	}
	return held, lacking
}

// in reports whether a passage with these terms, in order, holds a word or a wider one.
func (w askedWord) in(ids []int32) bool {
	if _, found := slices.BinarySearch(ids, w.id); found {
		return true
	}
	for _, id := range w.wider {
		if _, found := slices.BinarySearch(ids, id); found {
			return true
		}
	}
	return false
}
