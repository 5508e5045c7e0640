package document

import (
	"errors"
	"fmt"
)

// Sentinel errors. Package services/v1 maps each to a status code.
var (
	// ErrNotFound means that the named resource does not exist.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists means that the resource to create exists already.
	ErrAlreadyExists = errors.New("already exists")
	// ErrNotEmpty means that the collection to delete still has documents.
	ErrNotEmpty = errors.New("holds documents")
	// ErrChanged means that another writer changed the data after it was read. The call can
	// be retried at once.
	ErrChanged = errors.New("changed by another writer in the meantime")
	// ErrPrecondition means that the stored document does not meet the caller's
	// precondition.
	ErrPrecondition = errors.New("the precondition does not hold")
)

// ResourceError wraps a sentinel with the name of a resource.
type ResourceError struct {
	Name string // such as "collections/default/documents/x"
	Err  error  // the sentinel
}

// Error implements error.
func (e *ResourceError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

// Unwrap returns the sentinel.
func (e *ResourceError) Unwrap() error { return e.Err }

// FieldError describes an invalid field of a caller's input.
type FieldError struct {
	Field   string // path in the request, such as "document.text"
	Problem string // what is wrong and what to do
}

// Error implements error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }
