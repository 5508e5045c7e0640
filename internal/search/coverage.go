package search

import (
	_ "embed" // for askingHan
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// askingHan are the characters with which Chinese questions are asked. A passage that answers
// lacks them.
//
//go:embed asking_han.txt
var askingHan string

// coverage holds which of a query's words each passage contains.
type coverage struct {
	asked         map[string]queryWords // by language
	queries       map[string]lexical.Query
	numbersAbsent float64 // share of the query's numbers that no passage contains
	terms         map[document.PassageKey]document.PassageTerms
	// contradicting are the passages that name something else of the same kind as the query.
	contradicting map[document.PassageKey]bool
	letters       []int32 // terms of the single letters of names in the query
	years         []int32 // terms of the years in the query
	noYear        bool    // the query has years, and no passage contains one of them
	shortness     float64 // shortness of the query
	oneWord       bool    // whether the query is one word
	names         names   // names in the query
	hanAbsent     bool    // see absentHan
	ownShare      float64 // see evidence
	spellings     spellings
}

// queryWords are the words of a query in one language.
type queryWords struct {
	words       []queryWord // words by ID
	weight      float64     // total weight
	wordsAbsent float64     // see evidence
	rare        bool        // whether few passages contain the rarest word
	bound       float64     // upper bound of the BM25 score
	numbers     []queryWord // words with a digit, repeated as in the query
	// distinctive are the words that few passages contain. The weight of each is its share
	// of the query.
	distinctive []queryWord
}

// queryWord is a term of a query.
type queryWord struct {
	id     int32
	weight float64
	// rarity is the weight of the word if a number of passages without it, the constant
	// background, is added to its language. IDFs over few passages say little.
	rarity float64
	// wider are the query's terms that include this one. A passage with a wider term counts
	// as having this one too, as "WHO" stands for the words of "World Health Office".
	wider []int32
	// parts are the parts that stand for a compound word or a code (partsOfCompounds). A passage
	// with all of them counts as having the word too.
	parts []int32
	// named are the words of the name that this acronym stands for. A passage with all of them
	// lacks nothing without the acronym.
	named []int32
	// name is the term before a letter, such as the "vitamin" of "vitamin D", or 0. In a
	// passage without the name, the letter means something else and does not count.
	name int32
	gram bool   // see lexical.Term.IsGram
	text string // the word as the query spells it, if it is in names.rest
}

// newCoverage returns the coverage of passages by the terms that they have.
func newCoverage(words lexicalLeg, terms map[document.PassageKey]document.PassageTerms) *coverage {
	c := &coverage{
		asked: make(map[string]queryWords, len(words.terms)), queries: words.queries, terms: terms, contradicting: words.contradicting, letters: words.letters,
		years: words.years, shortness: words.shortness, oneWord: words.oneWord, names: words.names,
	}
	for language := range words.terms {
		c.asked[language] = words.queryWords(language)
	}
	c.names.addPassages(terms)
	c.names.findAbsent(words.queries[words.language])
	c.hanAbsent = absentHan(words.queries[words.language], words.terms[words.language])
	c.spellings = findUnknown(words)
	c.ownShare = shareAbove(words.queries, words.language)
	c.numbersAbsent, c.noYear = c.absentNumbers(words.queries), c.yearsAbsent(words.queries)
	return c
}

// shareAbove returns how far the share of the passages that are in a language is above mainShare.
func shareAbove(queries map[string]lexical.Query, language string) float64 {
	all := 0
	for _, q := range queries {
		all += q.Passages()
	}
	if all == 0 {
		return 0
	}
	own := queries[language]
	return max(0, float64(own.Passages())/float64(all)-mainShare)
}

// absentNumbers returns the share of the query's numbers that no passage contains, in the
// language in which that share is smallest. Most languages write numbers in the same way.
func (c *coverage) absentNumbers(queries map[string]lexical.Query) float64 {
	least, asksNumbers := 1., false
	for language, asked := range c.asked {
		if len(asked.numbers) == 0 {
			continue
		}
		absent := 0
		for _, w := range asked.numbers {
			if q := queries[language]; q.Holding(w.id) == 0 && !w.hasParts(q.Holding) {
				absent++
			}
		}
		least, asksNumbers = min(least, float64(absent)/float64(len(asked.numbers))), true
	}
	if !asksNumbers {
		return 0
	}
	return least
}

// absentWords returns the share, by IDF, of a query's words that no passage contains. It is
// 0 if no passage contains any of them, since the answer, if there is one, is in another
// language then. Words in known, and words whose parts are contained, count as contained.
func absentWords(q lexical.Query, terms []lexical.Term, known map[int32]bool) float64 {
	all, absent := 0., 0.
	parts := partsOfCompounds(terms)
	for _, term := range terms {
		if term.Part {
			continue
		}
		holding := mostHolding(q.Holding, queryWord{id: term.ID(), wider: respelt(terms, term)})
		weight := lexical.IDF(holding, q.Passages())
		if all += weight; holding == 0 && !known[term.ID()] && !(queryWord{parts: parts[term.ID()]}).hasParts(q.Holding) {
			absent += weight
		}
	}
	if absent == all {
		return 0
	}
	return absent / all
}

// absentHan reports whether a query has two neighbouring Chinese characters that are both absent
// from all passages. Characters with which questions are asked (askingHan) do not count.
// Most Chinese words have two characters, so such a pair is probably a word on a subject that
// no passage is about. Passages that answer in other words still have nearly all characters of
// a short query.
func absentHan(q lexical.Query, terms []lexical.Term) bool {
	end := -1
	for _, t := range terms {
		r, size := utf8.DecodeRuneInString(t.Text)
		if size < len(t.Text) || !unicode.Is(unicode.Han, r) || q.Holding(t.ID()) > 0 || strings.ContainsRune(askingHan, r) {
			continue
		}
		if t.Start == end {
			return q.Passages() > 0
		}
		end = t.End
	}
	return false
}

// heldByFew reports whether few passages contain the rarest word of a query.
func heldByFew(q lexical.Query) bool {
	terms := q.Terms()
	return len(terms) > 0 && isFew(q.Holding(terms[0]), q.Passages())
}

// distinctiveTerms returns the terms of a query that few passages contain, by ID, each with
// its share of the query by IDF.
func distinctiveTerms(q lexical.Query, terms []lexical.Term) map[int32]float64 {
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

// hasDistinctive reports whether a passage contains distinctive words that are a large part
// of the query.
func (c *coverage) hasDistinctive(key document.PassageKey, language string) bool {
	distinctive := c.asked[language].distinctive
	if len(distinctive) == 0 {
		return false
	}
	held, ids := 0., c.terms[key].IDs
	for _, w := range distinctive {
		if w.heldIn(ids) {
			held += w.weight
		}
	}
	return held >= distinctiveShare
}

// evidence returns the evidence about a passage that follows from words.
func (c *coverage) evidence(r ranked, language string) evidence {
	e := evidence{foreign: r.Language != language, numbersAbsent: c.numbersAbsent}
	e.rarity, e.held, e.numbersLacking = c.shares(r.PassageKey, r.Language)
	e.contradicting = c.contradicts(r.PassageKey, e.foreign)
	named := c.names.evidence(r.PassageKey, c.terms[r.PassageKey], e.foreign)
	short := max(0, (c.shortness-namelessShortness)/(1-namelessShortness))
	switch {
	case named.city:
		e.otherName = 1
	case named.absent:
		e.otherName = max(short, absentName)
	case named.other:
		e.otherName = short
	}
	if named.bare {
		e.bareName = short
	}
	if c.hanAbsent && !e.foreign {
		e.hanAbsent = c.shortness
	}
	if c.ofOtherYear(r.PassageKey) {
		e.otherYear = c.shortness
	}
	return e
}

// shares returns three figures about a passage. rarity is the sum of the rarities of the
// query's words that it contains. held is the share of these words among all words of the
// query, by IDF. numbersLacking is the share of the query's numbers that it does not contain.
// The shares are 0 to 1.
func (c *coverage) shares(key document.PassageKey, language string) (rarity, held, numbersLacking float64) {
	asked, ids, spelt := c.asked[language], c.terms[key].IDs, c.spellings.in[key]
	all := asked.weight
	for _, w := range asked.words {
		switch {
		case len(w.named) > 0 && holdsAll(ids, w.named):
			all -= w.weight
		case w.heldIn(ids):
			rarity += w.rarity
			held += w.weight
		case spelt[w.id]:
			rarity += likelySpelling * w.rarity
			held += likelySpelling * w.weight
		}
	}
	if all > 0 {
		held /= all
	}
	for _, w := range asked.numbers {
		if !w.heldIn(ids) {
			numbersLacking++
		}
	}
	if n := len(asked.numbers); n > 0 {
		numbersLacking /= float64(n)
	}
	return rarity, held, numbersLacking
}

// bm25Share returns a passage's BM25 score relative to the upper bound of its language, 0
// to 1.
func (c *coverage) bm25Share(r ranked) float64 {
	bound := c.asked[r.Language].bound
	if bound == 0 {
		return 0
	}
	return r.Lexical / bound
}
