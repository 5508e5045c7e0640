package driver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ErrMalformed says that a server answered with success, but not in its wire
// format or not with one vector a text.
var ErrMalformed = errors.New("malformed answer")

// Error is one failed request: who was asked for what, and what came back.
type Error struct {
	// Server is the base URL without credentials and query.
	Server string
	// Model is the name that was asked for; empty where none was.
	Model string
	// Status is the HTTP status, or for other protocols its nearest
	// equivalent; 0 where no answer came.
	Status int
	// Body is the beginning of what the server answered, on one line.
	Body string
	// RetryAfter is how long the server asked to be left alone; 0 where it
	// did not say.
	RetryAfter time.Duration
	// Temporary says that the same request may well succeed a little later:
	// the server was overloaded or could not be reached.
	Temporary bool
	// Err is the cause; nil where Status says it all.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Server)
	if e.Model != "" {
		fmt.Fprintf(&b, ", model %q", e.Model)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": answered %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Body != "" {
		fmt.Fprintf(&b, ": %s", e.Body)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
