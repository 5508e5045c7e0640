// Package lexical turns texts into the terms by which passages match queries, and
// computes BM25 weights and scores. It has no index and uses no SQL. The package that
// stores the weights also counts how many passages hold each term.
package lexical

import (
	"hash/fnv"
	"slices"
)

// maxID is the largest dimension of a pgvector sparsevec.
const maxID = 1_000_000_000

// Version is the version of the rules that turn texts into terms. Stored terms of an
// earlier version must be extracted again.
const Version = 14

// Term is one occurrence of a term in a text.
type Term struct {
	// Text is what is compared: a folded and stemmed word ("cooper"), one or two characters
	// of a script without spaces ("合作"), a number ("1000"), a month or day ("2016-09",
	// "2016-09-13") or an article ("article 3").
	Text string
	// Start and End are the byte range of the term in the text.
	Start, End int
	// Part reports whether the term counts half as much as a word. It is a part of a compound
	// word or version, the number before a sign such as 万, the initials of a name, an article
	// whose number may be a year, or another spelling of a word.
	Part bool
	// Respelt reports whether the term is another spelling of the word: "aarhus" for "Århus".
	Respelt bool
	// Initials reports whether the term stands for the initials of a name, or for a name with
	// the initials that a query has: "initials wto" in a passage with "World Trade Office" and
	// in the query "WTO", "wto" in the query "World Trade Office".
	Initials bool
}

// IsGram reports whether the term is one or two characters of a script without spaces. It may
// be a part of a word, or of two words.
func (t Term) IsGram() bool { return isUnspacedText(t.Text) }

// ID returns the number of the term in an index, from 1 to 1,000,000,000. It depends
// only on Text and never changes. Two given terms have the same ID with a probability
// of 10⁻⁹. Among a million different terms about one in a thousand shares its ID with
// another; the two are then counted as one term.
func (t Term) ID() int32 {
	sum := fnv.New64a()
	sum.Write([]byte(t.Text))
	return int32(sum.Sum64()%maxID) + 1
}

// IDs returns the IDs of terms, ascending, each once.
func IDs(terms []Term) []int32 {
	ids := make([]int32, len(terms))
	for i, t := range terms {
		ids[i] = t.ID()
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Terms returns the terms of a passage or query, ordered by start and then by end.
// language is the BCP-47 tag that selects stop words and stemmer. Only its primary
// subtag is used; an unknown language has neither. Analyse a query in the language of
// the passages that it is compared with.
//
// Terms overlap. The parts of a hyphenated word or a German compound are added to the
// whole, the numbers of a date to the date, the initials of a name to its words, and "aarhus"
// to "Århus".
// In scripts without spaces every two adjacent characters make a term. An acronym
// spelt like a stop word is a term in upper case: "WHO".
func Terms(text, language string) []Term {
	f := fold(text)
	const usual = 5 // approximate number of bytes of text for each term
	s := scanner{folded: f, analyser: analyserOf(language), respelling: respellingOf(language), original: text, terms: make([]Term, 0, len(text)/usual)}
	s.scan()
	s.addDates()
	s.addArticles()
	slices.SortStableFunc(s.terms, func(a, b Term) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return a.End - b.End
	})
	return s.terms
}
