package document

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. The service maps each to a status.
var (
	// ErrNotFound means that the named resource does not exist.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists means that the resource to be created exists.
	ErrAlreadyExists = errors.New("already exists")
	// ErrNotEmpty means that the collection to be deleted holds documents.
	ErrNotEmpty = errors.New("holds documents")
	// ErrChanged means that another writer changed data between reading and writing
	// it. The call may be retried at once.
	ErrChanged = errors.New("changed by another writer in the meantime")
	// ErrPrecondition means that the stored document is not what the caller required.
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
