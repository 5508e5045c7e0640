package embedtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
)

// ServeURL starts an HTTP server with handler that stops when the test ends.
func ServeURL(t testing.TB, handler http.Handler) *url.URL {
	t.Helper()
	base, err := url.Parse(Serve(t, handler).URL)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// Well returns a function for Subject.Well that serves JSON over HTTP. Requests for vectors
// are those to a path that ends in embed or embeddings.
func Well(handler http.Handler) func(testing.TB, func(Sent)) *url.URL {
	return func(t testing.TB, record func(Sent)) *url.URL {
		return ServeURL(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(path.Base(r.URL.Path), "embed") {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				sent := Sent{Authorization: r.Header.Get("Authorization")}
				if err := json.Unmarshal(body, &sent); err != nil {
					t.Errorf("request %q: %v", body, err)
				}
				record(sent)
			}
			handler.ServeHTTP(w, r)
		}))
	}
}

// Answers returns a function for Fault.Start whose server gives the same answer to every
// request.
func Answers(status int, body string, headers ...string) func(testing.TB) *url.URL {
	return starts(Answer(status, body, headers...))
}

func starts(handler http.Handler) func(testing.TB) *url.URL {
	return func(t testing.TB) *url.URL { return ServeURL(t, handler) }
}

// refusals are answers with a status other than 200.
var refusals = []struct {
	name, message string
	status        int
	headers       []string
	temporary     bool
	after         time.Duration
}{
	{name: "redirect", status: http.StatusMovedPermanently, headers: []string{"Location", "/elsewhere"}},
	{name: "bad request", status: http.StatusBadRequest, message: strings.Repeat("the input is wrong\n", 1000)},
	// Some servers repeat the key that they refuse.
	{name: "unauthorised", status: http.StatusUnauthorized, message: "no such key: " + string(Key)},
	{name: "too large", status: http.StatusRequestEntityTooLarge, message: "batch size 100 > maximum allowed batch size 32"},
	{name: "too long", status: http.StatusUnprocessableEntity, message: "the text is too long"},
	{name: "overloaded", status: http.StatusTooManyRequests, message: "overloaded", temporary: true},
	{
		name: "overloaded for a while", status: http.StatusTooManyRequests, headers: []string{"Retry-After", "7"},
		temporary: true, after: 7 * time.Second,
	},
	{name: "failed", status: http.StatusInternalServerError, message: "out of memory"},
	{name: "loading", status: http.StatusServiceUnavailable, message: "loading model", headers: []string{"Retry-After", "soon"}, temporary: true},
}

// HTTPFaults returns the faults of servers over HTTP. refusal formats the body of an error.
// malformed has malformed answers with status 200, by name.
func HTTPFaults(refusal func(status int, message string) string, malformed map[string]string) []Fault {
	faults := []Fault{
		{Name: "reset", Start: starts(Reset()), Want: driver.Error{Temporary: true}, Describes: true},
		{
			Name: "cut off", Start: Answers(http.StatusOK, "{", "Content-Length", "1000"),
			Want: driver.Error{Status: http.StatusOK, Temporary: true}, Describes: true,
		},
		{Name: "hang", Start: starts(Hang()), Want: driver.Error{Err: context.DeadlineExceeded}, Describes: true},
		{Name: "drip", Start: starts(Drip()), Want: driver.Error{Status: http.StatusOK, Err: context.DeadlineExceeded}},
		{Name: "huge", Start: starts(Huge()), Want: driver.Error{Status: http.StatusOK, Err: driver.ErrMalformed}},
	}
	for _, answer := range refusals {
		body := refusal(answer.status, answer.message)
		says, _, _ := strings.Cut(strings.ReplaceAll(body, "\n", " "), string(Key))
		faults = append(faults, Fault{
			Name: answer.name, Start: Answers(answer.status, body, answer.headers...), Says: says[:min(len(says), 30)],
			Want:      driver.Error{Status: answer.status, Temporary: answer.temporary, RetryAfter: answer.after},
			Describes: answer.status >= http.StatusInternalServerError,
		})
	}
	bodies := map[string]string{
		"empty": "", "HTML": "<!doctype html>\n<title>Sign in</title>", "null": "null", "cut JSON": `{"data":[{"index":0,"embedding":[0.1,`,
	}
	for _, set := range []map[string]string{bodies, malformed} {
		for name, body := range set {
			faults = append(faults, Fault{
				Name: name, Start: Answers(http.StatusOK, body), Want: driver.Error{Status: http.StatusOK, Err: driver.ErrMalformed},
			})
		}
	}
	return faults
}

// Refusal returns the body of an error in OpenAI's format.
func Refusal(status int, message string) string {
	quoted, _ := json.Marshal(message) // a string can always be encoded
	return `{"error":{"code":` + strconv.Itoa(status) + `,"message":` + string(quoted) + `,"type":"server_error"}}`
}

// MalformedEmbeddings are malformed answers for two texts in OpenAI's format.
var MalformedEmbeddings = map[string]string{
	"no data":         `{}`,
	"error under 200": `{"error":{"message":"overloaded"}}`,
	"too few":         `{"data":[{"index":0,"embedding":[1,0]}]}`,
	"too many":        `{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1,0]},{"index":2,"embedding":[1,0]}]}`,
	"doubled index":   `{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}`,
	"wrong index":     `{"data":[{"index":1,"embedding":[1,0]},{"index":2,"embedding":[1,0]}]}`,
	"NaN":             `{"data":[{"index":0,"embedding":[NaN,0]},{"index":1,"embedding":[1,0]}]}`,
	"null number":     `{"data":[{"index":0,"embedding":[null,0]},{"index":1,"embedding":[1,0]}]}`,
}
