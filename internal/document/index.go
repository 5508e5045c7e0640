package document

import "time"

// State is what is stored of a document, as far as a writer has to know it in
// order to tell what changed.
type State struct {
	// ETag is empty if the document does not exist.
	ETag string
	// ContentHash is that of the content embedded in the space asked about;
	// empty if the space does not hold the document.
	ContentHash string
	CreateTime  time.Time
	UpdateTime  time.Time
}

// IndexState says whether the active space has the vectors of a document.
type IndexState int

// The states.
const (
	IndexUnknown  IndexState = iota
	IndexComplete            // every window has one
	IndexPartial             // some have none, for good
	IndexPending             // it waits to be embedded
	IndexFailed              // no window has one, and none will come by itself
)

// Role says what a window stands for when passages are ranked.
type Role int

// Roles of windows. A passage without SENTENCES windows has at most two
// sentences: there its PASSAGE windows stand for both.
const (
	// RolePassage is a passage whole or, if that is more than the model
	// takes, one of the pieces that it takes.
	RolePassage Role = iota
	// RoleSentences is two sentences that follow each other.
	RoleSentences
)

// Window is a piece of a passage that has a vector of its own.
type Window struct {
	Role Role
	// Range is what it covers of the document's text: of RolePassage the whole
	// passage, of RoleSentences the two sentences.
	Range TextRange
	Embedding
}

// PlacedWindow is a window of a stored passage.
type PlacedWindow struct {
	Document string // id
	Passage  *Passage
	// Number counts the windows of the passage from 0.
	Number int
	Window
}

// Embedding is what the model server made of a text: either a vector, or the
// reason why it has none.
type Embedding struct {
	// Vector is of unit length; nil beside a Failure.
	Vector []float32
	// Failure is nil beside a Vector.
	Failure *Failure
}

// PassageVector is what a space has of a window, with the ordinal of its passage.
type PassageVector struct {
	Ordinal int
	Embedding
}

// Failure says why a text has no vector though the server is well: asked again,
// it would fail again.
type Failure struct {
	Reason FailureReason
	// Message is what the server said or gave.
	Message string
}

// FailureReason is what kind of failure it was, in the form that callers see.
type FailureReason string

// The reasons.
const (
	// FailureRejected: the server refuses the text, for its length or otherwise.
	FailureRejected FailureReason = "REJECTED"
	// FailureBadVector: its vector is not finite, or zero.
	FailureBadVector FailureReason = "BAD_VECTOR"
	// FailureTruncated: the server read only the beginning of the text.
	FailureTruncated FailureReason = "TRUNCATED"
)

// WindowFailure is a window that a space has no vector of, for good.
type WindowFailure struct {
	Document string // id
	Ordinal  int    // of the passage
	Range    TextRange
	Failure
}

// Indexed is a document cut into passages and embedded for the spaces of its
// collection.
type Indexed struct {
	Document    Document
	ContentHash string
	Passages    []Passage
	// Windows holds, for each passage, its windows for the active space: those of
	// RolePassage, then those of RoleSentences, both in the order of the text.
	Windows [][]Window
	// Others holds the same for other spaces, by id. A space that is not among them
	// is left behind, and catches up later.
	Others map[string][][]Window
	// Deferred says that it is stored without vectors if its content is new, and
	// waits to be embedded.
	Deferred bool
	// Precondition is checked against the stored document before it is replaced.
	Precondition Precondition
}

// Replaced is what became of one document of a group that was written.
type Replaced struct {
	// Document is as it is stored, its text included.
	Document Document
	// Before is the state that the write found.
	Before State
	// Err says why this document was not written.
	Err error
}

// Claim is documents of one collection that a worker embeds for its active space.
type Claim struct {
	ID         string // tells it from every other claim
	Collection string
	Documents  []string // ids, in order
}

// QueueStatus says how far the documents of a collection are embedded.
type QueueStatus struct {
	// Documents are all; of them Pending wait, Failed have no vector, and of the rest
	// Partial lack some.
	Documents, Pending, Failed, Partial int64
	// OldestPending is when the oldest of those that wait was written; zero if none
	// does.
	OldestPending time.Time
	// Failures are the first documents that failed, by id.
	Failures []FailedDocument
}

// FailedDocument is a document that could not be embedded.
type FailedDocument struct {
	ID     string
	Reason string
}

// Built is what is added to a space of a document that it does not hold.
type Built struct {
	Unbuilt
	Rows []PlacedWindow
	// Last says that the space then holds all of the document.
	Last bool
}

// Unbuilt is a document that a space does not hold, or not all of.
type Unbuilt struct {
	ID           string
	LanguageCode string
	ContentHash  string
	Passages     []Passage
	// Held are the windows that the space has already, by ordinal of the passage and
	// number.
	Held map[[2]int]bool
}
