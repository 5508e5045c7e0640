package search

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/lexical"
)

// queryWords returns the words of the question in a language.
func (leg *lexicalLeg) queryWords(language string) queryWords {
	asked, query := leg.terms[language], leg.queries[language]
	wider, parts, names := widerTerms(asked), partsOfCompounds(asked), leg.namesOfLetters(language)
	named := wordsOfNames(asked)
	all := queryWords{bound: query.Bound(), rare: heldByFew(query)}
	for _, id := range slices.Sorted(maps.Keys(query.Weights)) {
		w := queryWord{id: id, weight: float64(query.Weights[id]), wider: wider[id], parts: parts[id], named: named[id], name: names[id]}
		w.rarity = w.weight * lexical.IDF(query.Holding(id), query.Passages()+background) / lexical.IDF(query.Holding(id), query.Passages())
		all.words, all.weight = append(all.words, w), all.weight+w.weight
	}
	for _, term := range asked {
		if !term.Part && slices.ContainsFunc([]rune(term.Text), unicode.IsNumber) {
			all.numbers = append(all.numbers, queryWord{id: term.ID(), wider: wider[term.ID()], parts: parts[term.ID()]})
		}
	}
	shares := distinctiveTerms(query, asked)
	for _, id := range slices.Sorted(maps.Keys(shares)) {
		all.distinctive = append(all.distinctive, queryWord{id: id, weight: shares[id], wider: wider[id], name: names[id]})
	}
	all.wordsAbsent = leg.wordsAbsent(language, nil)
	return all
}

// hasParts reports whether the word is made of parts that passages hold, given how many hold each.
func (w queryWord) hasParts(holding func(int32) int) bool {
	return len(w.parts) > 0 && !slices.ContainsFunc(w.parts, func(part int32) bool { return holding(part) == 0 })
}

// heldIn reports whether a passage with these sorted terms contains the word, a wider term, or
// the parts that stand for the word.
func (w queryWord) heldIn(ids []int32) bool {
	if w.name != 0 {
		if _, found := slices.BinarySearch(ids, w.name); !found {
			return false
		}
	}
	if _, found := slices.BinarySearch(ids, w.id); found {
		return true
	}
	for _, id := range w.wider {
		if _, found := slices.BinarySearch(ids, id); found {
			return true
		}
	}
	return len(w.parts) > 0 && holdsAll(ids, w.parts)
}

// holdsAll reports whether all of some terms are among the sorted terms of a passage.
func holdsAll(ids, terms []int32) bool {
	return !slices.ContainsFunc(terms, func(id int32) bool {
		_, found := slices.BinarySearch(ids, id)
		return !found
	})
}

// wordsAbsent returns evidence.wordsAbsent before the similarity is known. Words in known count as
// contained.
func (leg *lexicalLeg) wordsAbsent(language string, known map[int32]bool) float64 {
	query := leg.queries[language]
	return absentWords(query, leg.terms[language], known) * leg.shortness * float64(query.Passages()) / float64(query.Passages()+halfAbsent)
}

// widerTerms returns, for the ID of each term of a query, the IDs of the terms that include it.
func widerTerms(terms []lexical.Term) map[int32][]int32 {
	wider := map[int32][]int32{}
	add := func(term, other lexical.Term) {
		if !isPartOf(other, term) {
			wider[term.ID()] = append(wider[term.ID()], other.ID())
		}
	}
	for i, term := range terms {
		for j := i - 1; j >= 0 && terms[j].Start == term.Start; j-- { // shorter terms with the same start come first
			add(terms[j], term)
		}
		for _, inner := range terms[i+1:] {
			if inner.Start >= term.End {
				break
			}
			if inner.End <= term.End {
				add(inner, term)
			}
		}
	}
	return wider
}

// isPartOf reports whether part is a part of a compound word, such as the "wagen" of
// "Schlafwagen", and other is that compound or another of its parts. A passage that contains
// "Speisewagen" contains "wagen", but neither "Schlafwagen" nor "schlaf".
func isPartOf(part, other lexical.Term) bool {
	return part.Part && !part.Respelt && part.Start == other.Start && part.End == other.End
}

// partsOfCompounds returns, for the ID of each compound word and code of a query, the IDs of the
// parts that stand for it: all parts of a code, also if a space is between them, and all but the
// last part of a compound. The last part is the kind of thing, which others share: "wagen" in
// "Schlafwagen" and "Speisewagen".
func partsOfCompounds(terms []lexical.Term) map[int32][]int32 {
	compounds := map[int32][]int32{}
	terms = slices.DeleteFunc(slices.Clone(terms), func(t lexical.Term) bool { return t.Initials })
	for i, word := range terms {
		if word.IsSplitCode() && i > 0 && i+1 < len(terms) {
			compounds[word.ID()] = []int32{terms[i-1].ID(), terms[i+1].ID()} // its letters and its number
			continue
		}
		var parts []lexical.Term
		for _, t := range terms[i+1:] { // terms with the same span are neighbours, and the word is the first of them
			if word.Part || !isPartOf(t, word) {
				break
			}
			parts = append(parts, t)
		}
		parts = shortestParts(parts)
		if last := len(parts) - 1; last > 0 && !endsWithDigit(word.Text) {
			parts = parts[:last]
		}
		for _, part := range parts {
			compounds[word.ID()] = append(compounds[word.ID()], part.ID())
		}
	}
	return compounds
}

// wordsOfNames returns, for the ID of the acronym of each name of a query, the IDs of the name's words.
func wordsOfNames(terms []lexical.Term) map[int32][]int32 {
	words := map[int32][]int32{}
	for _, name := range terms {
		if !name.Initials || name.Respelt {
			continue
		}
		for _, t := range terms {
			if !t.Part && t.Start >= name.Start && t.End <= name.End {
				words[name.ID()] = append(words[name.ID()], t.ID())
			}
		}
	}
	return words
}

// shortestParts returns the parts that contain no other part.
func shortestParts(parts []lexical.Term) []lexical.Term {
	return slices.DeleteFunc(slices.Clone(parts), func(p lexical.Term) bool {
		return slices.ContainsFunc(parts, func(o lexical.Term) bool { return o.Text != p.Text && strings.Contains(p.Text, o.Text) })
	})
}

func endsWithDigit(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsDigit(last)
}
