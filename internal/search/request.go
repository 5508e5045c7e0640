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

// The modes.
const (
	ModeHybrid   Mode = iota // both
	ModeSemantic             // the dense leg
	ModeLexical              // the lexical leg
)

// OnFailure says what to do if there is no vector of the query.
type OnFailure int

// The choices.
const (
	// OnFailureLexical answers with the lexical leg, in every mode.
	OnFailureLexical OnFailure = iota
	// OnFailureFail returns ErrNoVector.
	OnFailureFail
)

// Degradation is a part of the search that failed while the rest answered.
type Degradation int

// The degradations.
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

// Policy says how the language of a passage affects its rank.
type Policy int

// The policies.
const (
	// PolicyAny ranks passages of all languages together by how well they answer.
	PolicyAny Policy = iota
	// PolicyQueryLanguage searches only passages in the query's language, or all
	// passages if the language is unknown.
	PolicyQueryLanguage
	// PolicyBalanced ranks as PolicyAny, but gives each language a share of the results.
	PolicyBalanced
)

// Confidence is the confidence that an answer was found, in three levels.
type Confidence int

// The confidences.
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
	Query      string // not blank
	Collection string // id
	// Space is the id of the space to search; empty for the active one.
	Space  string
	Filter document.Filter
	Policy Policy
	// Language is the BCP-47 tag of the query's language. If it is empty, the language is
	// detected.
	Language  string
	Limit     int // results at most, above 0
	Mode      Mode
	OnFailure OnFailure
	// Context is the number of neighbouring passages of each hit, before and after it.
	Context int
	// KeepDuplicates keeps copies of passages that come earlier.
	KeepDuplicates bool
	// MaxPerDocument is the maximum number of passages per document; 0 for no limit.
	MaxPerDocument int
	// Diversity is the weight, 0 to 1, of a passage's similarity to the passages before
	// it, which counts against it. 0 changes nothing.
	Diversity float64
	// MinRelevance excludes passages below this relevance, 0 to 1.
	MinRelevance float32
	// GroupTranslations removes the translations of the best passage from the list. The
	// best passage lists them.
	GroupTranslations bool
	// Rerank says whether to rerank the first candidates; nil means yes if a reranker is
	// configured.
	Rerank *bool
	// List is the list of an earlier search to continue; nil to search.
	List *List
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

// Response is the answer, best hit first.
type Response struct {
	// List is the whole result; Hits are the passages of this page that still exist.
	List
	Hits []Hit
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

// Timing is the time of each stage: the query's vector by the model server, the nearest
// candidates by Postgres, the candidates that share terms (concurrent with these two),
// ranking, reranking with the reading of its texts, and reading the text of the hits.
type Timing struct{ Embed, Retrieve, Lexical, Rank, Rerank, Fetch time.Duration }
