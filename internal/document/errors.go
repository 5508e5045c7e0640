package document

import (
	"errors"
	"fmt"
)

// Sentinels, compared with errors.Is. The service turns each into a status.
var (
	// ErrNotFound says that the named resource does not exist.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists says that a resource to be created exists.
	ErrAlreadyExists = errors.New("already exists")
	// ErrNotEmpty says that a collection to be deleted holds documents.
	ErrNotEmpty = errors.New("holds documents")
	// ErrChanged says that another writer changed what was read before it could
	// be used. The call may be tried again at once.
	ErrChanged = errors.New("changed by another writer meanwhile")
)

// ResourceError is a sentinel about a named resource.
type ResourceError struct {
	Name string // such as "collections/default/documents/x"
	Err  error  // the sentinel
}

// Error implements error.
func (e *ResourceError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

// Unwrap returns the sentinel.
func (e *ResourceError) Unwrap() error { return e.Err }

// FieldError says what is wrong with one field of a caller's input.
type FieldError struct {
	Field   string // path in the request, such as "document.text"
	Problem string // what is wrong and what to do
}

// Error implements error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }
