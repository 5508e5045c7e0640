package search

import (
	"fmt"
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Mode selects the legs that find and rank passages.
type Mode int

// Values of Mode.
const (
	ModeHybrid   Mode = iota // both
	ModeSemantic             // the dense leg
	ModeLexical              // the lexical leg
)

// OnFailure is what to do if there is no vector of the query.
type OnFailure int

// Values of OnFailure.
const (
	// OnFailureLexical answers with the lexical leg, in every mode.
	OnFailureLexical OnFailure = iota
	// OnFailureFail returns ErrNoVector.
	OnFailureFail
)

// Degradation is a part of a search that failed while the rest answered.
type Degradation int

// Values of Degradation.
const (
	// EmbedderUnavailable: only the lexical leg answered.
	EmbedderUnavailable Degradation = iota + 1
	// LexicalUnavailable: only the dense leg answered.
	LexicalUnavailable
	// RerankerUnavailable: the order is the one before reranking.
	RerankerUnavailable
)

// leg returns the name of the part that failed, for logs.
func (d Degradation) leg() string {
	switch d {
	case EmbedderUnavailable:
		return "dense"
	case LexicalUnavailable:
		return "lexical"
	case RerankerUnavailable:
		return "reranker"
	default:
		return fmt.Sprint("unknown ", int(d))
	}
}

// Policy is how the language of a passage affects its rank.
type Policy int

// Values of Policy.
const (
	// PolicyAny ranks passages of all languages together by how well they answer.
	PolicyAny Policy = iota
	// PolicyQueryLanguage searches only passages in the query's language, or all
	// passages if the language is unknown.
	PolicyQueryLanguage
	// PolicyBalanced ranks as PolicyAny, but gives each language a share of the results.
	PolicyBalanced
)

// Confidence is the confidence that an answer was found.
type Confidence int

// Values of Confidence.
const (
	// Confident: a passage answers more likely than not.
	Confident Confidence = iota + 1
	// Uncertain: passages are on the subject, but none clearly answers.
	Uncertain
	// OffTopic: no passage is on the subject.
	OffTopic
)

// Request is one question.
type Request struct {
	Query      string // must not be blank
	Collection string // id of the collection
	// Space is the id of the space to search. If it is empty, the active space is searched.
	Space  string
	Filter document.Filter
	Policy Policy
	// Language is the BCP-47 tag of the query's language. If it is empty, the language is
	// detected.
	Language  string
	Limit     int // maximum number of results; above 0
	Mode      Mode
	OnFailure OnFailure
	// Context is the number of neighbouring passages of each hit, before and after it.
	Context int
	// KeepDuplicates keeps copies of passages that come earlier.
	KeepDuplicates bool
	// MaxPerDocument is the maximum number of passages per document; 0 for no limit.
	MaxPerDocument int
	// Diversity is the weight, 0 to 1, with which a passage's similarity to the passages
	// before it counts against it. 0 changes nothing.
	Diversity float64
	// MinRelevance excludes passages below this relevance, 0 to 1.
	MinRelevance float32
	// LexicalWeight is the weight of words against meaning in the order, 0 to 1. nil means
	// 0.5, the order by both legs. A lower weight mixes it with the order by meaning, a
	// higher one with the order by words. It affects only ModeHybrid.
	LexicalWeight *float64
	// GroupTranslations removes the translations of the best passage from the list; the
	// best passage then lists them.
	GroupTranslations bool
	// Order is the order of the list that the search makes with the settings above.
	Order Order
	// Facets are the fields to count the list by: language_code, kind, source, publish_year
	// or a key of metadata.
	Facets []string
	// Rerank is whether to rerank the first candidates. nil means to rerank if a reranker
	// is configured.
	Rerank *bool
	// List is the list of an earlier search, to continue it. nil makes a new search.
	List *List

	// languageAdded reports whether this search has added the language of its query to the
	// calibration. The space that was known before lacks it.
	languageAdded bool
}

// Hit is a passage that answers.
type Hit struct {
	document.Hit
	Entry
	// Place is the index in the list.
	Place int
	// Compared reports whether Similarity is known.
	Compared bool
	citation
	// Translations are passages in other languages with the same content. Their Passage
	// is set if the request groups them.
	Translations []Translation
}

// Translation is a passage in another language with the same content.
type Translation struct {
	Counterpart
	Passage *document.Passage
}

// Response is the answer to a request, best hit first.
type Response struct {
	// List is the whole result. Hits are the passages of this page that still exist.
	List
	Hits []Hit
	// Facets count the list, in the order of the request. A list that is continued has none.
	Facets []Facet
	// Degraded lists the parts that failed for the list and for this page.
	Degraded []Degradation
	// Next is the index in the list at which the next page begins, or the length of the
	// list if there is none.
	Next   int
	Space  space.Space
	Timing Timing
	// Null is the distribution of the similarity of the nearest passage for queries in
	// this language that have no answer. It is nil if no vectors were compared for this
	// page.
	Null *calibrate.Normal
}

// Timing is the duration of each stage: making the query's vector, finding the nearest
// candidates, finding candidates that share terms (concurrently with these two), ranking,
// reranking including reading the texts, and reading the text of the hits.
type Timing struct{ Embed, Retrieve, Lexical, Rank, Rerank, Fetch time.Duration }
