package document

import (
	"slices"
	"strings"
	"time"
)

// Filter says which documents and passages are looked at; the conditions of
// its fields must all hold, and the zero value sets none.
type Filter struct {
	// Languages are BCP-47 ranges: "zh" matches zh and zh-Hant, "zh-Hant" not zh.
	Languages []string
	Sources   []string // as written
	Documents []string // ids
	Kinds     []Kind
	// PublishedAfter ≤ t < PublishedBefore; nil is no bound, and undated
	// documents match neither.
	PublishedAfter, PublishedBefore *time.Time
	Metadata                        map[string]string
}

// MayHold reports whether a passage in a language, by primary subtag, may pass.
func (f Filter) MayHold(language string) bool {
	return len(f.Languages) == 0 || slices.ContainsFunc(f.Languages, func(r string) bool { return PrimarySubtag(r) == language })
}

// PassageKey names a passage within a collection.
type PassageKey struct {
	Document string // id
	Ordinal  int
}

// Candidate is a passage that may answer a query, with the cosines of the
// centred vectors of the query and of the passage, −1 to 1.
type Candidate struct {
	PassageKey
	// Language is the primary subtag of the passage's language.
	Language string
	// Passage is the cosine of the passage as a whole; of one in pieces the best.
	Passage float64
	// Window is the cosine of the best two sentences that follow each other; of
	// a passage with no more than those, Passage again.
	Window float64
}

// Match is a passage that shares terms with a query.
type Match struct {
	PassageKey
	// Language is the primary subtag of the passage's language.
	Language string
	// Score is its BM25, above 0, by the statistics of its language.
	Score float64
	// Terms are the terms of the passage. They are nil if they were not read with it.
	Terms *PassageTerms
}

// PassageTerms is what terms a passage has.
type PassageTerms struct {
	// Language is the primary subtag of the passage's language.
	Language string
	// IDs are the numbers of the different terms, in order, and Weights what each
	// weighs.
	IDs     []int32
	Weights []float32
	// Length is how many terms the passage has, however often it has each.
	Length int
	// Score is the passage's BM25 for the query in its language, 0 if it shares no
	// term with it or there is none.
	Score float64
}

// Hit is a passage as it is shown, with its document without text and blocks.
type Hit struct {
	Passage  Passage
	Document Document
	// Similarity is the cosine of the query's vector and the passage's own, as
	// the model made them, −1 to 1; of a passage in pieces that of the nearest.
	Similarity float64
	// Nearest are the windows of two sentences that are nearest to the query, best
	// first, as far as they were asked for.
	Nearest []Sentences
}

// Key returns the name of the passage within its collection.
func (h Hit) Key() PassageKey { return PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal} }

// Sentences are two sentences of a passage that follow each other, with the
// cosine of their centred vector and the query's.
type Sentences struct {
	Range      TextRange // into the document's text
	Similarity float64
}

// Article is a passage of kind ARTICLE as far as a question may name it.
type Article struct {
	PassageKey
	Label string // as the text writes it
	// Title is that of its document.
	Title string
	// Language is the primary subtag of its language.
	Language string
	// InYear reports whether its document was published in a year asked for.
	InYear bool
}

// PrimarySubtag returns the part of a BCP-47 tag that names the language, in
// lower case: "zh" of "zh-Hant".
func PrimarySubtag(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return primary
}

// QueryForm says what a reference query looks like.
type QueryForm int

// The forms.
const (
	ShortQuery    QueryForm = iota // one to five words
	WholeQuestion                  // a whole sentence
)

// ReferenceQuery is a query that stands for others of its language and form.
type ReferenceQuery struct {
	Form   QueryForm
	Number int // among those of its form, from 0
	Text   string
	Vector []float32 // as the model made it
}
