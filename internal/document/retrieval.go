package document

import (
	"slices"
	"strings"
	"time"
)

// Filter selects documents and passages. The conditions of all fields must hold. The zero
// value sets no condition.
type Filter struct {
	// Languages are BCP-47 language ranges: "zh" matches zh and zh-Hant, "zh-Hant" does not
	// match zh.
	Languages []string
	Sources   []string // compared exactly
	Documents []string // ids of documents
	Kinds     []Kind
	// PublishedAfter ≤ publish time < PublishedBefore. nil means no bound. Undated
	// documents match neither bound.
	PublishedAfter, PublishedBefore *time.Time
	Metadata                        map[string]string
	Conditions                      []Condition // on documents
}

// OnDocuments reports whether the filter has conditions that need columns of documents which
// passages do not have.
func (f Filter) OnDocuments() bool { return len(f.Metadata)+len(f.Conditions) > 0 }

// MayHold reports whether passages in a language, given as primary subtag, can match.
func (f Filter) MayHold(language string) bool {
	return len(f.Languages) == 0 || slices.ContainsFunc(f.Languages, func(r string) bool { return PrimarySubtag(r) == language })
}

// PassageKey identifies a passage within a collection.
type PassageKey struct {
	Document string // id of the document
	Ordinal  int
}

// Candidate is a passage that may answer a query. Its similarities are cosines of the
// centred vectors of the query and the passage, −1 to 1.
type Candidate struct {
	PassageKey
	// Language is the primary subtag of the passage's language.
	Language string
	// Passage is the similarity of the whole passage, or of its most similar piece.
	Passage float64
	// Window is the similarity of the most similar two consecutive sentences. It equals
	// Passage if the passage has at most two sentences.
	Window float64
	// Signature is the signature of the passage's terms, or zero if it was not read, or if none
	// of the current terms is stored.
	Signature Signature
}

// Match is a passage that shares terms with a query.
type Match struct {
	PassageKey
	// Language is the primary subtag of the passage's language.
	Language string
	// Score is the BM25 score, above 0, by the statistics of the passage's language.
	Score float64
	// Terms are the terms of the passage, or nil if they were not read with it.
	Terms *PassageTerms
}

// DocumentTerms holds the requested terms that occur in at least one passage of a document.
type DocumentTerms struct {
	Title string
	// Language is the primary subtag of the document's language.
	Language string
	IDs      []int32 // ascending
}

// PassageTerms holds the terms of a passage.
type PassageTerms struct {
	// Language is the primary subtag of the passage's language.
	Language string
	// IDs are the ids of the distinct terms, in ascending order. Weights are their BM25
	// weights.
	IDs     []int32
	Weights []float32
	// Length is the number of terms, counting repeated ones each time.
	Length int
	// Score is the BM25 score for the query. It is 0 if the passage shares no term with the
	// query, or if the query has no terms in the passage's language.
	Score float64
}

// Hit is a passage with its document, which has neither text nor blocks.
type Hit struct {
	Passage  Passage
	Document Document
	// Similarity is the cosine of the vectors of the query and the passage as the model
	// made them, −1 to 1. For a passage in pieces, it is that of the most similar piece.
	Similarity float64
	// Nearest are the windows of two sentences that are most similar to the query, best
	// first, if they were asked for.
	Nearest []Sentences
}

// Key returns the name of the passage within its collection.
func (h Hit) Key() PassageKey { return PassageKey{Document: h.Document.ID, Ordinal: h.Passage.Ordinal} }

// PassageValues holds the values of some fields of a passage or its document.
type PassageValues struct {
	PublishTime time.Time // zero if the document is undated
	// Values are in the order of the fields. A kind is given as its number. nil means that
	// there is no value. Long values are cut after 257 code points.
	Values []*string
}

// Sentences are two consecutive sentences of a passage, with the cosine of their centred
// vector and the query's.
type Sentences struct {
	Range      TextRange // range in the document's text
	Similarity float64
}

// Article is a passage of kind KindArticle that a question may name.
type Article struct {
	PassageKey
	Label     string   // as the text writes it
	LabelPath []string // of the passage
	// Title is the title of the document.
	Title string
	// Language is the primary subtag of the document's language.
	Language string
	// InYear reports whether the document was published in one of the years that were asked
	// for.
	InYear bool
}

// PrimarySubtag returns the language part of a BCP-47 tag, in lower case: "zh" for
// "zh-Hant".
func PrimarySubtag(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return primary
}

// QueryForm says whether a reference query is a few words or a question.
type QueryForm int

// Values of QueryForm.
const (
	ShortQuery    QueryForm = iota // one to five words
	WholeQuestion                  // a whole sentence
)

// ReferenceQuery is one of the queries that stand for all queries of a language and form.
type ReferenceQuery struct {
	Form   QueryForm
	Number int // number among the queries of the language and form, from 0
	Text   string
	Vector []float32 // as the model made it
}
