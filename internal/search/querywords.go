package search

import (
	"maps"
	"slices"
	"unicode"

	"github.com/accord-search/accord/internal/lexical"
)

// queryWords returns the words of the question in a language.
func (leg *lexicalLeg) queryWords(language string) queryWords {
	asked, query := leg.terms[language], leg.queries[language]
	wider, names := widerTerms(asked), leg.namesOfLetters(language)
	all := queryWords{bound: query.Bound(), rare: heldByFew(query)}
	for _, id := range slices.Sorted(maps.Keys(query.Weights)) {
		w := queryWord{id: id, weight: float64(query.Weights[id]), wider: wider[id], name: names[id]}
		w.rarity = w.weight * lexical.IDF(query.Holding(id), query.Passages()+background) / lexical.IDF(query.Holding(id), query.Passages())
		all.words, all.weight = append(all.words, w), all.weight+w.weight
	}
	for _, term := range asked {
		if !term.Part && slices.ContainsFunc([]rune(term.Text), unicode.IsNumber) {
			all.numbers = append(all.numbers, queryWord{id: term.ID(), wider: wider[term.ID()]})
		}
	}
	shares := distinctiveTerms(query, asked)
	for _, id := range slices.Sorted(maps.Keys(shares)) {
		all.distinctive = append(all.distinctive, queryWord{id: id, weight: shares[id], wider: wider[id], name: names[id]})
	}
	all.wordsAbsent = absentWords(query, asked) * leg.shortness * float64(query.Passages()) / float64(query.Passages()+halfAbsent)
	return all
}

// widerTerms returns, for the ID of each term of a query, the IDs of the terms that include it.
func widerTerms(terms []lexical.Term) map[int32][]int32 {
	wider := map[int32][]int32{}
	for i, term := range terms {
		for j := i - 1; j >= 0 && terms[j].Start == term.Start; j-- { // shorter terms with the same start come first
			wider[terms[j].ID()] = append(wider[terms[j].ID()], term.ID())
		}
		for _, inner := range terms[i+1:] {
			if inner.Start >= term.End {
				break
			}
			if inner.End <= term.End {
				wider[inner.ID()] = append(wider[inner.ID()], term.ID())
			}
		}
	}
	return wider
}
