package document

import "fmt"

// Precondition is what must be stored for a document to be written or deleted. The zero
// value sets no condition. At most one field is set.
type Precondition struct {
	// MustNotExist means that there must be no document of the name.
	MustNotExist bool
	// ETag is the one that the stored document must have.
	ETag string
}

// Check returns an error with ErrPrecondition if the precondition does not hold for the
// document of a name. etag is that of the stored document, and empty if there is none.
func (p Precondition) Check(name, etag string) error {
	problem := ""
	switch {
	case p.MustNotExist && etag != "":
		problem = "the document exists"
	case p.ETag != "" && etag == "":
		problem = "the document does not exist"
	case p.ETag != "" && p.ETag != etag:
		problem = "the document has another etag"
	default:
		return nil
	}
	return &ResourceError{Name: name, Err: fmt.Errorf("%w: %s; get it again and decide", ErrPrecondition, problem)}
}

// CheckPrecondition is Check of the document's own precondition. It always holds if the
// stored document is the same: a write that is repeated because its answer was lost
// changes nothing.
func (in Indexed) CheckPrecondition(etag string) error {
	if etag == in.Document.ETag {
		return nil
	}
	return in.Precondition.Check(Name(in.Document.Collection, in.Document.ID), etag)
}
