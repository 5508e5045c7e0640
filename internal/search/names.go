package search

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

const (
	// maxNames is the maximum number of names of a query that are compared.
	maxNames = 16
	// maxNamedDocuments is the maximum number of documents that are read to find names that
	// their found passages lack.
	maxNamedDocuments = 5
)

// nameSet is a set of names of a query, with one bit for each name.
type nameSet uint32

// names holds the names in a query: countries in any language, and other names in the query's
// language. A passage about a name contains it, or its document does.
type names struct {
	places []lexical.Place
	// named has the words of each name, by language of the passages. A name without words
	// cannot be compared with passages in that language.
	named map[string][][]queryWord
	// rest are the other words of the query in its language, or none if it ends with a
	// question mark. Keywords name what is asked for, such as a salary, and an answer holds
	// that word. An answer to "where was she born?" may only say where she is from.
	rest []queryWord
	// inDocument has, by document, the names that its title or one of its passages is known
	// to contain.
	inDocument map[string]nameSet
}

// nameEvidence describes how a passage fits the names in a query.
type nameEvidence struct {
	// other reports whether a name is in neither the passage nor its document. A passage in
	// another language than the query must also name another country.
	other bool
	// bare reports whether the passage has all names, but no other word of the query. It is
	// false for a query that ends with a question mark.
	bare bool
}

// findNames returns the names in a question. terms has the terms of the question by language.
func findNames(q question, terms map[string][]lexical.Term) names {
	asked := lexical.QueryTerms(q.text, q.language)
	n := names{
		places: lexical.Places(q.text, asked, q.language),
		named:  map[string][][]queryWord{}, inDocument: map[string]nameSet{},
	}
	n.places = n.places[:min(len(n.places), maxNames)]
	words := lexical.Names(q.text, q.language)
	for language := range terms {
		for _, place := range n.places {
			n.named[language] = append(n.named[language], wordsOf(lexical.TermsOfPlace(place, language)))
		}
	}
	own := n.named[q.language]
	for _, name := range own {
		words = slices.DeleteFunc(words, func(w lexical.Term) bool { return holdsTerm(asked, w, name) })
	}
	for _, w := range words[:min(len(words), maxNames-len(n.places))] {
		name := wordAt(asked, w)
		if len(name) > 0 && terms[q.language] != nil {
			own = append(own, name)
		}
	}
	if len(own) == 0 {
		return n
	}
	n.named[q.language] = own
	if endsWithQuestionMark(q.text) {
		return n
	}
	for _, t := range asked {
		if id := t.ID(); !t.Part && !slices.ContainsFunc(own, func(name []queryWord) bool {
			return slices.ContainsFunc(name, func(w queryWord) bool { return w.id == id })
		}) {
			n.rest = append(n.rest, queryWord{id: id})
		}
	}
	return n
}

// endsWithQuestionMark reports whether the last character of a text, except for white space,
// is a question mark: Latin, full-width or Arabic.
func endsWithQuestionMark(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(text))
	return strings.ContainsRune("?？؟", last)
}

func wordsOf(ids []int32) (words []queryWord) {
	for _, id := range ids {
		words = append(words, queryWord{id: id})
	}
	return words
}

// wordAt returns the term of a word of a query, or nothing if the word has no term. Terms of
// longer parts of the query that contain the word, such as the initials of a name, match too.
func wordAt(asked []lexical.Term, word lexical.Term) (words []queryWord) {
	for _, t := range asked {
		if t.Start == word.Start && t.End == word.End && !t.Part {
			words = []queryWord{{id: t.ID()}}
		}
	}
	for i := range words {
		for _, t := range asked {
			if t.Part && t.Start <= word.Start && t.End >= word.End && t.End-t.Start > word.End-word.Start {
				words[i].wider = append(words[i].wider, t.ID())
			}
		}
	}
	return words
}

// holdsTerm reports whether the term of a word of a query is one of the terms of a name.
func holdsTerm(asked []lexical.Term, word lexical.Term, name []queryWord) bool {
	return slices.ContainsFunc(asked, func(t lexical.Term) bool {
		return t.Start == word.Start && slices.ContainsFunc(name, func(w queryWord) bool { return w.id == t.ID() })
	})
}

// held returns the names that a passage contains, and the names that can be compared with it.
// ids are the sorted terms of the passage.
func (n *names) held(language string, ids []int32) (held, comparable nameSet) {
	for i, name := range n.named[language] {
		if len(name) == 0 {
			continue
		}
		comparable |= 1 << i
		if !slices.ContainsFunc(name, func(w queryWord) bool { return !w.heldIn(ids) }) {
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

// evidence compares a passage with the names. foreign reports whether the passage is in another
// language than the query.
func (n *names) evidence(key document.PassageKey, terms document.PassageTerms, foreign bool) (e nameEvidence) {
	held, comparable := n.held(terms.Language, terms.IDs)
	switch lacking := comparable &^ (held | n.inDocument[key.Document]); {
	case comparable == 0:
		return e
	case lacking != 0 && foreign:
		e.other = lexical.HasOtherPlace(terms.IDs, terms.Language, n.places)
	case lacking != 0:
		e.other = true
	default:
		e.bare = !foreign && held == comparable && len(n.rest) > 0 &&
			!slices.ContainsFunc(n.rest, func(w queryWord) bool { return w.heldIn(terms.IDs) })
	}
	return e
}

// readNames reads the documents of the first passages that lack a name, and records the names
// in the titles and other passages of these documents. list is sorted, best first.
func (s *Searcher) readNames(ctx context.Context, sp space.Space, list []ranked, c *coverage) error {
	var documents []string
	var ids []int32
	for _, r := range list {
		held, comparable := c.names.held(r.Language, c.terms[r.PassageKey].IDs)
		lacks := comparable&^(held|c.names.inDocument[r.Document]) != 0
		if lacks && !slices.Contains(documents, r.Document) && len(documents) < maxNamedDocuments {
			documents = append(documents, r.Document)
			for _, name := range c.names.named[r.Language] {
				for _, w := range name {
					ids = append(append(ids, w.id), w.wider...)
				}
			}
		}
	}
	if len(documents) == 0 {
		return nil
	}
	slices.Sort(ids)
	found, err := s.cfg.Terms.DocumentTerms(ctx, sp, documents, slices.Compact(ids))
	for id, d := range found {
		held, _ := c.names.held(d.Language, d.IDs)
		titled, _ := c.names.held(d.Language, lexical.IDs(lexical.Terms(d.Title, d.Language)))
		c.names.inDocument[id] |= held | titled
	}
	return err
}
