package document

import "fmt"

// Precondition is a condition on the stored document for a write or a deletion. The zero
// value sets no condition. At most one field is set.
type Precondition struct {
	// MustNotExist means that no document of that name may exist.
	MustNotExist bool
	// ETag is the etag that the stored document must have.
	ETag string
}

// Check returns an error that wraps ErrPrecondition if the precondition does not hold. name
// is the name of the document, and etag the etag of the stored document, empty if there is
// none.
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

// CheckPrecondition checks the document's own precondition against the etag of the stored
// document. It returns nil in any case if the stored document equals this one, so that a write
// can be repeated if its answer was lost.
func (in Indexed) CheckPrecondition(etag string) error {
	if etag == in.Document.ETag {
		return nil
	}
	return in.Precondition.Check(Name(in.Document.Collection, in.Document.ID), etag)
}
