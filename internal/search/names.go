package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// maxNames is the maximum number of names of a query that are compared.
const maxNames = 16

// nameSet is a set of names of a query, with one bit for each name.
type nameSet uint32

// name has the words of each spelling of a name.
type name [][]queryWord

// names holds the names in a query: countries and cities in any language, and other names in
// the query's language. A passage about a name contains it, or its document does.
type names struct {
	language string // language of the query
	places   []lexical.Place
	cities   nameSet
	// named has each name, by language of the passages. A name without spellings cannot be
	// compared with passages in that language.
	named map[string][]name
	// absent are the names that no passage in the query's language contains. Countries and
	// cities are left out, since texts from a country often do not name it.
	absent nameSet
	// spelt has the text of each name in the query's language, or "" for a place.
	spelt []string
	// rest are the other words of the query in its language, or none if it ends with a
	// question mark. Keywords name what is asked for, such as a salary, and an answer holds
	// that word. An answer to "where was she born?" may only say where she is from.
	rest []queryWord
	// restAbsent are the words of rest that no passage in the query's language contains, and
	// that are not known to be misspelt.
	restAbsent []string
	// inDocument has, by document, the names that its title or one of its passages is known
	// to contain.
	inDocument map[string]nameSet
}

// nameEvidence describes how a passage fits the names in a query.
type nameEvidence struct {
	// other reports whether a name is in neither the passage nor its document. A passage in
	// another language than the query must also name another country. If the name is that of
	// a city, the passage must also name another city.
	other bool
	// absent reports whether no passage in the query's language contains one of the names
	// that make other true. city reports whether one of them is a city.
	absent, city bool
	// bare reports whether the passage has all names, but no other word of the query, or no
	// passage has one of these words. It is false for a query that ends with a question mark.
	bare bool
}

// findNames returns the names in a question. terms has the terms of the question by language.
func findNames(q question, terms map[string][]lexical.Term) names {
	asked := lexical.QueryTerms(q.text, q.language)
	n := names{
		language: q.language, places: lexical.Places(q.text, asked, q.language),
		named: map[string][]name{}, inDocument: map[string]nameSet{},
	}
	n.places = n.places[:min(len(n.places), maxNames)]
	words := lexical.Names(q.text, q.language)
	for language := range terms {
		for i, place := range n.places {
			if place.IsCity() {
				n.cities |= 1 << i
			}
			n.named[language] = append(n.named[language], nameOf(place, language))
		}
	}
	own := n.named[q.language]
	n.spelt = make([]string, len(own))
	for _, name := range own {
		words = slices.DeleteFunc(words, func(w lexical.Term) bool { return holdsTerm(asked, w, name) })
	}
	for _, w := range words[:min(len(words), maxNames-len(n.places))] {
		if word := wordAt(asked, w); len(word) > 0 && terms[q.language] != nil {
			own = append(own, name{word})
			n.spelt = append(n.spelt, w.Text)
		}
	}
	if len(own) == 0 {
		return n
	}
	n.named[q.language] = own
	if endsWithQuestionMark(q.text) {
		return n
	}
	n.rest = restOf(q.text, asked, own)
	return n
}

// restOf returns the terms of a query that do not overlap its names.
func restOf(query string, asked []lexical.Term, named []name) (rest []queryWord) {
	var taken []lexical.Term
	for _, t := range asked {
		if slices.ContainsFunc(named, func(n name) bool { return n.holds(t.ID()) }) {
			taken = append(taken, t)
		}
	}
	for _, t := range asked {
		if !t.Part && !slices.ContainsFunc(taken, func(o lexical.Term) bool { return t.Start < o.End && o.Start < t.End }) {
			rest = append(rest, queryWord{id: t.ID(), wider: respelt(asked, t), gram: t.IsGram(), text: query[t.Start:t.End]})
		}
	}
	return rest
}

// endsWithQuestionMark reports whether the last character of a text, except for white space,
// is a question mark: Latin, full-width or Arabic.
func endsWithQuestionMark(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(text))
	return strings.ContainsRune("?？؟", last)
}

// nameOf returns the name of a place in a language.
func nameOf(place lexical.Place, language string) (n name) {
	for _, ids := range lexical.TermsOfPlace(place, language) {
		words := make([]queryWord, len(ids))
		for i, id := range ids {
			words[i].id = id
		}
		n = append(n, words)
	}
	return n
}

// holds reports whether a term is one of the words of a name.
func (n name) holds(id int32) bool {
	return slices.ContainsFunc(n, func(words []queryWord) bool {
		return slices.ContainsFunc(words, func(w queryWord) bool { return w.id == id })
	})
}

// wordAt returns the term of a word of a query, or its pairs of characters in a script without
// spaces. It returns nothing if the word has no term. Terms of
// longer parts of the query that contain the word, such as the initials of a name, match too, and so
// does another spelling of the word.
func wordAt(asked []lexical.Term, word lexical.Term) (words []queryWord) {
	for _, t := range asked {
		switch {
		case t.IsGram() && t.Start >= word.Start && t.End <= word.End && utf8.RuneCountInString(t.Text) > 1:
			words = append(words, queryWord{id: t.ID()})
		case t.Start == word.Start && t.End == word.End && !t.Part:
			words = []queryWord{{id: t.ID()}}
		}
	}
	for i := range words {
		for _, t := range asked {
			if t.Part && t.Start <= word.Start && t.End >= word.End && (t.Respelt || t.End-t.Start > word.End-word.Start) {
				words[i].wider = append(words[i].wider, t.ID())
			}
		}
	}
	return words
}

// holdsTerm reports whether the term of a word of a query is one of the terms of a name.
func holdsTerm(asked []lexical.Term, word lexical.Term, n name) bool {
	return slices.ContainsFunc(asked, func(t lexical.Term) bool { return t.Start == word.Start && n.holds(t.ID()) })
}

// held returns the names that a passage contains, and the names that can be compared with it.
// ids are the sorted terms of the passage.
func (n *names) held(language string, ids []int32) (held, comparable nameSet) {
	for i, name := range n.named[language] {
		if len(name) == 0 {
			continue
		}
		comparable |= 1 << i
		if slices.ContainsFunc(name, func(words []queryWord) bool {
			return !slices.ContainsFunc(words, func(w queryWord) bool { return !w.heldIn(ids) })
		}) {
			held |= 1 << i
		}
	}
	return held, comparable
}

// addPassages records, for each document, the names that the given passages contain.
func (n *names) addPassages(passages map[document.PassageKey]document.PassageTerms) {
	if len(n.named) == 0 {
		return
	}
	for key, terms := range passages {
		held, _ := n.held(terms.Language, terms.IDs)
		n.inDocument[key.Document] |= held
	}
}

// findAbsent finds the names and other words that no passage of the query's language contains,
// given the query in that language.
func (n *names) findAbsent(query lexical.Query) {
	for i, name := range n.named[n.language] {
		if query.Passages() > 0 && n.spelt[i] != "" && !slices.ContainsFunc(name, func(words []queryWord) bool {
			return !slices.ContainsFunc(words, func(w queryWord) bool { return mostHolding(query.Holding, w) == 0 })
		}) {
			n.absent |= 1 << i
		}
	}
	for _, w := range n.rest {
		if !w.gram && mostHolding(query.Holding, w) == 0 {
			n.restAbsent = append(n.restAbsent, w.text)
		}
	}
}

// evidence compares a passage with the names. foreign reports whether the passage is in another
// language than the query.
func (n *names) evidence(key document.PassageKey, terms document.PassageTerms, foreign bool) (e nameEvidence) {
	held, comparable := n.held(terms.Language, terms.IDs)
	lacking := comparable &^ (held | n.inDocument[key.Document])
	switch cities := lacking & n.cities; {
	case comparable == 0:
		return e
	case cities != 0 && lexical.HasOtherCity(terms.IDs, terms.Language, n.places):
		e.other, e.city = true, true
	case lacking&^cities != 0 && foreign:
		e.other = lexical.HasOtherCountry(terms.IDs, terms.Language, n.places)
	case lacking&^cities != 0:
		e.other, e.absent = true, lacking&n.absent != 0
	case lacking != 0:
		return e
	default:
		e.bare = !foreign && held == comparable && len(n.rest) > 0 &&
			(len(n.restAbsent) > 0 || !slices.ContainsFunc(n.rest, func(w queryWord) bool { return w.heldIn(terms.IDs) }))
	}
	return e
}
