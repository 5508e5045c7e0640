package document

import "time"

// State is the stored state of a document. A writer compares a new version with it to see what
// the version changes.
type State struct {
	// ETag is empty if the document does not exist.
	ETag string
	// ContentHash is the hash of the content that is embedded in the given space. It is
	// empty if the space does not have the document.
	ContentHash string
	CreateTime  time.Time
	UpdateTime  time.Time
}

// IndexState says how much of a document has vectors in the active space.
type IndexState int

// Values of IndexState.
const (
	IndexUnknown  IndexState = iota
	IndexComplete            // every window has a vector
	IndexPartial             // some windows will never have a vector
	IndexPending             // the document waits to be embedded
	IndexFailed              // no window has a vector, and the document is not retried automatically
)

// Role is how a window is used to rank its passage.
type Role int

// Roles of windows. A passage of at most two sentences has no window of RoleSentences; its
// windows of RolePassage are used instead.
const (
	// RolePassage is a whole passage, or one of its pieces if the passage is too long for
	// the model.
	RolePassage Role = iota
	// RoleSentences is two consecutive sentences.
	RoleSentences
)

// Window is a piece of a passage that gets its own vector.
type Window struct {
	Role Role
	// Range is the part of the document's text that the window covers: the whole passage or
	// piece for RolePassage, the two sentences for RoleSentences.
	Range TextRange
	Embedding
}

// PlacedWindow is a window of a stored passage.
type PlacedWindow struct {
	Document string // id of the document
	Passage  *Passage
	// Number is the position of the window in its passage, from 0.
	Number int
	Window
}

// Embedding is the result of embedding a text: a vector, or the reason why there is none.
type Embedding struct {
	// Vector has unit length. It is nil if Failure is set.
	Vector []float32
	// Failure is nil if Vector is set.
	Failure *Failure
}

// PassageVector is the embedding of a window, with the ordinal of its passage.
type PassageVector struct {
	Ordinal int
	Embedding
}

// Failure is the reason why a working model server permanently fails to embed a text.
type Failure struct {
	Reason FailureReason
	// Message is what the model server returned.
	Message string
}

// FailureReason is the kind of a failure, by the name that callers see.
type FailureReason string

// Values of FailureReason.
const (
	// FailureRejected: the server rejects the text, because of its length or for another
	// reason.
	FailureRejected FailureReason = "REJECTED"
	// FailureBadVector: the vector is zero or not finite.
	FailureBadVector FailureReason = "BAD_VECTOR"
	// FailureTruncated: the server read only the beginning of the text.
	FailureTruncated FailureReason = "TRUNCATED"
)

// WindowFailure is a window for which a space will never have a vector.
type WindowFailure struct {
	Document string // id of the document
	Ordinal  int    // ordinal of the passage
	Range    TextRange
	Failure
}

// Indexed is a document that is cut into passages and embedded for the spaces of its
// collection.
type Indexed struct {
	Document    Document
	ContentHash string
	Passages    []Passage
	// Windows holds, for each passage, its windows for the active space: first those of
	// RolePassage, then those of RoleSentences, both in the order of the text.
	Windows [][]Window
	// Others holds the same for other spaces, by space id. A space that is missing here is
	// embedded later, in the background.
	Others map[string][][]Window
	// Deferred means that new content is stored without vectors, and embedded in the
	// background.
	Deferred bool
	// Precondition must hold for the stored document that is replaced.
	Precondition Precondition
}

// ReplaceResult is the outcome for one document when a group of documents is written.
type ReplaceResult struct {
	// Document is the stored document, including its text.
	Document Document
	// Before is the state before the write.
	Before State
	// Err is the reason why this document was not written, or nil.
	Err error
}

// Claim is a set of documents of one collection that a worker embeds for the active space.
type Claim struct {
	ID         string // unique id of the claim
	Collection string
	Documents  []string // ids of the documents, in order
}

// QueueStatus counts the documents of a collection by how far they are embedded.
type QueueStatus struct {
	// Documents counts all documents. Pending of them wait, Failed have no vector, and
	// Partial lack some vectors.
	Documents, Pending, Failed, Partial int64
	// OldestPending is when the longest waiting document was written. It is zero if none
	// waits.
	OldestPending time.Time
	// Failures are the first documents that failed, ordered by id.
	Failures []FailedDocument
}

// FailedDocument is a document that could not be embedded.
type FailedDocument struct {
	ID     string
	Reason string
}

// WindowsToAdd holds windows of a document that are to be added to a space.
type WindowsToAdd struct {
	IncompleteDocument
	Rows []PlacedWindow
	// Last reports whether the space has all windows of the document after that.
	Last bool
}

// IncompleteDocument is a document some of whose windows are missing in a space.
type IncompleteDocument struct {
	ID           string
	LanguageCode string
	ContentHash  string
	Passages     []Passage
	// Held has the windows that the space already has, by passage ordinal and window
	// number.
	Held map[[2]int]bool
}
