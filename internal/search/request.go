package search

import (
	"time"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Mode says which legs find and rank passages.
type Mode int

// The modes.
const (
	ModeHybrid   Mode = iota // both
	ModeSemantic             // the dense leg
	ModeLexical              // the lexical leg
)

// OnFailure says what to do where there is no vector of the query.
type OnFailure int

// What to do.
const (
	// OnFailureLexical answers with the lexical leg, in every mode.
	OnFailureLexical OnFailure = iota
	// OnFailureFail gives ErrNoVector.
	OnFailureFail
)

// Degradation says what an answer had to do without.
type Degradation int

// The degradations.
const (
	// EmbedderUnavailable: the lexical leg alone answered.
	EmbedderUnavailable Degradation = iota + 1
	// LexicalUnavailable: the dense leg alone answered.
	LexicalUnavailable
	// RerankerUnavailable: the order is the one before reranking.
	RerankerUnavailable
)

// Policy says what the language of a passage has to do with its rank.
type Policy int

// The policies.
const (
	// PolicyAny ranks passages of all languages together by how well they answer.
	PolicyAny Policy = iota
	// PolicyQueryLanguage looks at passages in the query's language alone, at all
	// where it cannot be told.
	PolicyQueryLanguage
	// PolicyBalanced ranks as PolicyAny, with a share for each language.
	PolicyBalanced
)

// Confidence says how sure it is that an answer was found.
type Confidence int

// The confidences.
const (
	// Confident: a passage answers more likely than not.
	Confident Confidence = iota + 1
	// Uncertain: passages are on the subject, and none clearly answers.
	Uncertain
	// OffTopic: no passage is on the subject.
	OffTopic
)

// Request is one question.
type Request struct {
	Query      string // not blank
	Collection string // id
	// Space is the id of the space to search; empty for the active one.
	Space  string
	Filter document.Filter
	Policy Policy
	// Language is the BCP-47 tag of the query's language, empty to have it
	// detected.
	Language  string
	Limit     int // results at most, above 0
	Mode      Mode
	OnFailure OnFailure
	// Context is how many passages around each hit are told of, before and after.
	Context int
	// KeepDuplicates leaves in what says the same as a passage before it.
	KeepDuplicates bool
	// MaxPerDocument is how many passages of a document there are at most, 0 for
	// all.
	MaxPerDocument int
	// Diversity is how much a passage's likeness to those before it counts against
	// it: 0, for not at all, to 1.
	Diversity float64
	// MinRelevance is the relevance below which a passage is left out, 0 to 1.
	MinRelevance float32
	// GroupTranslations leaves out translations of the best passage, which names
	// them.
	GroupTranslations bool
	// Rerank has the first candidates reranked, or not; nil has them reranked where
	// a reranker is configured.
	Rerank *bool
	// List is what an earlier search for the same left, to go on with; nil to
	// search.
	List *List
}

// Hit is a passage that answers.
type Hit struct {
	document.Hit
	Entry
	// Place is where it stands in the list, from 0.
	Place int
	// Compared says that Similarity is known.
	Compared bool
	citation
	// Translations are passages in other languages that say the same. Passage is
	// known if the request groups them.
	Translations []Translation
}

// Translation is a passage in another language that says the same.
type Translation struct {
	Counterpart
	Passage *document.Passage
}

// Response is the answer, best hit first.
type Response struct {
	// List is all that was found, or was left of it, and how; Hits are the first
	// of it that are there.
	List
	Hits []Hit
	// Degraded is what the list had to do without, and what this page has to.
	Degraded []Degradation
	// Next is where in the list the hits of the next page start; its length where
	// there is none.
	Next   int
	Space  space.Space
	Timing Timing
	// Null is how similar the nearest passage is to a query in this language that no
	// passage answers; nil if no vectors were compared for this page.
	Null *calibrate.Normal
}

// Timing is the time that each stage took: the model server's for the query's
// vector, Postgres's for the nearest candidates and, beside these two, for those
// that share terms, the ranking, the reranker's with the reading of what it is
// given, and Postgres's again for the text of the hits.
type Timing struct{ Embed, Retrieve, Lexical, Rank, Rerank, Fetch time.Duration }
