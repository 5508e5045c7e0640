package driver

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrMalformed means that a server answered with success, but not in its wire format
// or not with one vector for each text.
var ErrMalformed = errors.New("malformed answer")

// Error describes one failed request and its answer.
type Error struct {
	// Server is the base URL without credentials and query.
	Server string
	// Model is the model that was requested, or empty if none was named.
	Model string
	// Status is the HTTP status. For other protocols, and for servers with misleading
	// statuses, it is the nearest equivalent: 400 to 499 if the server refused a text, 500
	// or more if the server failed. It is 0 if there was no answer.
	Status int
	// Body is the beginning of the server's answer, on one line.
	Body string
	// RetryAfter is how long the server asked callers to wait, or 0 if it did not.
	RetryAfter time.Duration
	// Temporary means that the same request may succeed a little later, since the
	// server was overloaded or unreachable.
	Temporary bool
	// Err is the cause, or nil if there is none besides Status.
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

// withheld replaces an answer that repeats what was sent.
const withheld = "(the answer repeats the text that was sent, and is not shown)"

// Withhold removes the answer from err if err is an *Error whose answer repeats part of a
// text, as answers of some servers do. It returns err. Use it for queries, which are
// private.
func Withhold(err error, texts ...string) error {
	var failure *Error
	if !errors.As(err, &failure) {
		return err
	}
	const part = 8 // in characters; answers rarely have so long a part by chance
	for _, text := range texts {
		runes := []rune(text)
		for i := 0; i == 0 || i+part <= len(runes); i++ {
			if piece := string(runes[i:min(i+part, len(runes))]); piece != "" && strings.Contains(failure.Body, piece) {
				failure.Body = withheld
				return err
			}
		}
	}
	return err
}

// maxExcerpt bounds the excerpt of an answer in an error, in bytes.
const maxExcerpt = 300

// Excerpt returns the beginning of an answer as one printable line for Error.Body. It
// removes the key, which some servers repeat when they refuse it.
func Excerpt(answer []byte, key Secret) string {
	answer = answer[:min(len(answer), 8*maxExcerpt)] // more than is shown, since some of it may be white space, which is removed
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
