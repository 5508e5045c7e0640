// Package lexical turns texts into the terms that passages and queries are
// matched by, and holds the arithmetic of BM25 over them. It knows no index and
// no SQL: whoever stores the weights also counts in how many passages a term is.
package lexical

import (
	"hash/fnv"
	"slices"
)

// maxID is the largest dimension that a sparsevec of pgvector has.
const maxID = 1_000_000_000

// Version numbers the ways in which texts are turned into terms. Whoever stores
// terms reads them anew if they were read by an earlier one.
const Version = 4

// Term is one occurrence of a term in a text.
type Term struct {
	// Text is what is compared: a folded and stemmed word ("cooper"), one or two
	// characters of a script without spaces ("合作"), a number ("1000"), a month
	// or day ("2016-09", "2016-09-13") or an article ("article 3").
	Text string
	// Start and End are the bytes of the text that were read as the term.
	Start, End int
	// Part reports whether the term is a part of the compound word, or the grouped
	// number or version, that stands there, or the initials of the name. It counts
	// half of what a word does.
	Part bool
}

// ID returns the number of the term in an index, from 1 to 1,000,000,000. It
// depends on Text alone and never changes. Two given terms share a number with
// odds of one to 10⁹: among a million different terms about one in a thousand
// shares its number with another, and then counts as it.
func (t Term) ID() int32 {
	sum := fnv.New64a()
	sum.Write([]byte(t.Text))
	return int32(sum.Sum64()%maxID) + 1
}

// Terms returns the terms of a passage or query, ordered by where they start,
// then by where they end. language is the BCP-47 tag whose stop words are left
// out and whose endings are cut; only its primary subtag counts, and a language
// that is not known has neither. A query is to be read in the language of the
// passages that it is compared with.
//
// Terms overlap: a hyphenated word stands beside its parts, a German compound
// likewise, a date beside its numbers, and of scripts without spaces every two
// neighbours make a term. An acronym that is written as a stop word is a term in
// upper case: "WHO". The initials of a name stand beside its words.
func Terms(text, language string) []Term {
	f := fold(text)
	const usual = 5 // bytes a term, about
	s := scanner{folded: f, analyser: analyserOf(language), original: text, terms: make([]Term, 0, len(text)/usual)}
	s.scan()
	s.dates()
	s.articles()
	slices.SortStableFunc(s.terms, func(a, b Term) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return a.End - b.End
	})
	return s.terms
}
