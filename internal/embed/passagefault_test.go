package embed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

// fussy is a server that answers with the handler that fault returns for a request's texts,
// or with next if that is nil. It counts the requests for embeddings.
type fussy struct {
	fault    func(texts []string) http.Handler
	next     http.Handler
	requests atomic.Int32
}

func (f *fussy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var req embedtest.Request
	if json.Unmarshal(body, &req) == nil {
		f.requests.Add(1)
		if h := f.fault(req.Input); h != nil {
			h.ServeHTTP(w, r)
			return
		}
	}
	f.next.ServeHTTP(w, r)
}

// bad is a text of make40 on which some servers fail.
const bad = "text 20"

// atBad fails requests that contain the bad text.
func atBad(h http.Handler) func([]string) http.Handler {
	return func(texts []string) http.Handler {
		if slices.Contains(texts, bad) {
			return h
		}
		return nil
	}
}

// above fails requests with more than n texts.
func above(n int, h http.Handler) func([]string) http.Handler {
	return func(texts []string) http.Handler {
		if len(texts) > n {
			return h
		}
		return nil
	}
}

// always fails every request.
func always(h http.Handler) func([]string) http.Handler { return above(0, h) }

// times fails the first n requests.
func times(n int32, h http.Handler) func([]string) http.Handler {
	var seen atomic.Int32
	return func([]string) http.Handler {
		if seen.Add(1) <= n {
			return h
		}
		return nil
	}
}

// vectorsAt answers with vectors of 8 dimensions. The bad text gets numbers instead.
func vectorsAt(numbers string) func([]string) http.Handler {
	return func(texts []string) http.Handler {
		if !slices.Contains(texts, bad) {
			return nil
		}
		data := make([]string, len(texts))
		for i, text := range texts {
			of := "1,0,0,0,0,0,0,0"
			if text == bad {
				of = numbers
			}
			data[i] = fmt.Sprintf(`{"index":%d,"embedding":[%s]}`, i, of)
		}
		return embedtest.Answer(200, `{"model":"first","data":[`+strings.Join(data, ",")+`]}`)
	}
}

// TestPassageFaults checks that a client survives the known ways in which servers fail,
// distinguishes a text that can never be embedded from a server that is down, and makes no
// more requests than necessary. There are three batches of 16, 16 and 8 texts.
func TestPassageFaults(t *testing.T) {
	t.Parallel()
	rejected, badVector := document.FailureRejected, document.FailureBadVector
	for _, tc := range []struct {
		name     string
		fault    func([]string) http.Handler
		reason   document.FailureReason // failure of the bad text; empty if it gets a vector
		sentinel error                  // nil if the call succeeds
		says     string
		requests int32 // maximum number of requests
	}{
		{"413 for the batch", above(4, embedtest.Answer(413, "batch size 16 > maximum allowed batch size 4")), "", nil, "", 19},
		{"422 for the batch", above(4, embedtest.Answer(422, "batch size 16 > maximum allowed batch size 4")), "", nil, "", 19},
		{"400 for the batch", above(4, embedtest.Answer(400, "too many inputs")), "", nil, "", 19},
		{"422 for a text", atBad(embedtest.Answer(422, "text 20 is too long")), rejected, nil, "422 Unprocessable Entity: text 20 is too long", 13},
		{"500 for a long text", atBad(embedtest.Answer(500, "input (600 tokens) is too large to process")), rejected, nil, "input (600 tokens) is too large", 13},
		{"500 once", times(1, embedtest.Answer(500, "once")), "", nil, "", 5},
		{"500 for all", always(embedtest.Answer(500, "out of memory")), "", ErrUnavailable, "out of memory", 12},
		{"401", always(embedtest.Answer(401, "no such key")), "", ErrRejected, "answered 401", 2},
		{"404", always(embedtest.Answer(404, "no such model")), "", ErrRejected, "404 Not Found: no such model", 2},
		{"429, then well", times(2, embedtest.Answer(429, "overloaded")), "", nil, "", 5},
		{"429 with Retry-After, then well", times(1, embedtest.Answer(429, "", "Retry-After", "1")), "", nil, "", 4},
		{"429 for longer than there is", always(embedtest.Answer(429, "later", "Retry-After", "3600")), "", ErrUnavailable, "429 Too Many Requests: later", 2},
		{"503 loading, then well", times(2, embedtest.Answer(503, "Loading model")), "", nil, "", 5},
		{"reset, then well", times(2, embedtest.Reset()), "", nil, "", 5},
		{"NaN", vectorsAt("NaN"), badVector, nil, "NaN", 13},
		{"null", vectorsAt("null,0,0,0,0,0,0,0"), badVector, nil, "null", 13},
		{"zero vector", vectorsAt("0,0,0,0,0,0,0,0"), badVector, nil, "is zero in all of its 8 dimensions", 13},
		{"one of other dimensions", vectorsAt("1,0"), badVector, nil, "2 dimensions", 13},
		{"too few for a batch", above(4, embedtest.Answer(200, `{"data":[]}`)), "", nil, "", 19},
		{"too few always", always(embedtest.Answer(200, `{"data":[]}`)), "", ErrBadVectors, "0 vectors for 1 texts", 12},
		{"wrong order", always(&embedtest.Server{Model: "first", Dimensions: 8}), "", nil, "", 3},
		{"other dimensions", always(&embedtest.Server{Model: "first", Dimensions: 16}), "", ErrModelMismatch, "16 dimensions", 2},
		{"other model", always(&embedtest.Server{Model: "second", Dimensions: 8}), "", ErrModelMismatch, `"second"`, 2},
		{"drip", always(embedtest.Drip()), "", ErrUnavailable, "no answer within 3", 2},
		{"hang", always(embedtest.Hang()), "", ErrUnavailable, "no answer within 3", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, server := connected(t, Config{MaxPassageRequests: 1})
			measure(t, c)
			// The error names the time from the call to the limit, a little more than the limit.
			if strings.HasPrefix(tc.says, "no answer within") {
				l := c.connected.Load().passages.lane
				l.timeout, l.minWait = 300*time.Millisecond, 300*time.Millisecond
			}
			faulty := &fussy{fault: tc.fault, next: &embedtest.Server{Model: "first", Dimensions: 8}}
			server.to(faulty)
			e, err := c.ownEncoder(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			texts := make40()
			got, err := e.EmbedPassages(t.Context(), texts)
			if asked := faulty.requests.Load(); asked > tc.requests {
				t.Errorf("%d requests, want %d at most", asked, tc.requests)
			}
			if !errors.Is(err, tc.sentinel) {
				t.Fatalf("got error %v, want %v", err, tc.sentinel)
			}
			if tc.sentinel != nil {
				if !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "http://127.0.0.1:") {
					t.Errorf("error %q lacks the server or %q", err, tc.says)
				}
				return
			}
			for i, embedding := range got {
				checkEmbedding(t, texts[i], embedding, tc.reason, tc.says)
			}
		})
	}
}

// checkEmbedding checks that a text has a vector, or that the bad text has a failure
// if reason is set.
func checkEmbedding(t *testing.T, text string, got document.Embedding, reason document.FailureReason, says string) {
	t.Helper()
	if text != bad || reason == "" {
		if len(got.Vector) != 8 || got.Failure != nil {
			t.Errorf("%q: got %d dimensions, failure %v", text, len(got.Vector), got.Failure)
		}
		return
	}
	if got.Failure == nil || got.Failure.Reason != reason || got.Vector != nil {
		t.Fatalf("%q: got vector %v, failure %+v, want %s", text, got.Vector, got.Failure, reason)
	}
	if m := got.Failure.Message; !strings.Contains(m, says) || strings.Contains(m, "127.0.0.1") {
		t.Errorf("message %q lacks %q, or shows the server", m, says)
	}
}
