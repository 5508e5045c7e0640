package driver

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
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
	// Status is the HTTP status, or its nearest equivalent for other protocols
	// and for servers whose own misleads: what a server refuses for the sake of
	// a text is from 400 to 499, what fails for its own sake from 500. 0 where no
	// answer came.
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

// maxExcerpt bounds, in bytes, what an error shows of an answer.
const maxExcerpt = 300

// Excerpt returns the beginning of an answer as one printable line for
// Error.Body, without the key, which some servers repeat when they refuse it.
func Excerpt(answer []byte, key Secret) string {
	answer = answer[:min(len(answer), 8*maxExcerpt)] // white space is dropped from it
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "�")), " ")
	if key != "" {
		text = strings.ReplaceAll(text, string(key), key.String())
	}
	if len(text) > maxExcerpt {
		text = strings.ToValidUTF8(text[:maxExcerpt], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
