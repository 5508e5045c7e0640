package embed

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// first serves its first n requests with fault and the others with next.
func first(n int32, fault, next http.Handler) http.Handler {
	var served atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) <= n {
			fault.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func TestServerFaults(t *testing.T) {
	t.Parallel()
	good := &embedtest.Server{Model: "first", Dimensions: 8}
	vector := func(numbers string) http.Handler {
		return embedtest.Answer(http.StatusOK, `{"model":"first","data":[{"index":0,"embedding":[`+numbers+`]}]}`)
	}
	for _, tc := range []struct {
		name     string
		server   http.Handler
		sentinel error  // nil if the query succeeds
		says     string // part of the error
	}{
		{"400", embedtest.Answer(400, `{"error":{"message":"unknown model"}}`), ErrRejected, `model "first": answered 400 Bad Request: {"error":{"message":"unknown model"}}`},
		{"413", embedtest.Answer(413, "batch too big"), ErrRejected, "413 Request Entity Too Large: batch too big"},
		{"422", embedtest.Answer(422, "input too long"), ErrRejected, "422 Unprocessable Entity: input too long"},
		{"redirect", embedtest.Answer(301, "", "Location", "/v2"), ErrRejected, "301 Moved Permanently"},
		{"429", embedtest.Answer(429, "overloaded"), ErrUnavailable, "429 Too Many Requests: overloaded"},
		{"429 for long", embedtest.Answer(429, "later", "Retry-After", "3600"), ErrUnavailable, "429 Too Many Requests: later"},
		{"429, then well", first(1, embedtest.Answer(429, ""), good), nil, ""},
		{"500", embedtest.Answer(500, "out of memory"), ErrUnavailable, "500 Internal Server Error: out of memory"},
		{"500, then well", first(1, embedtest.Answer(500, "once"), good), ErrUnavailable, "once"},
		{"503", embedtest.Answer(503, "loading model"), ErrUnavailable, "503 Service Unavailable: loading model"},
		{"503, then well", first(2, embedtest.Answer(503, ""), good), nil, ""},
		{"reset", embedtest.Reset(), ErrUnavailable, "EOF"},
		{"reset, then well", first(2, embedtest.Reset(), good), nil, ""},
		{"hang", embedtest.Hang(), ErrUnavailable, "no answer within 2"},
		{"drip", embedtest.Drip(), ErrUnavailable, "no answer within 2"},
		{"huge", embedtest.Huge(), ErrBadVectors, "more than"},
		{"HTML", embedtest.Answer(200, "<html>\n<title>Hello</title>", "Content-Type", "text/html"), ErrBadVectors, "<html> <title>Hello</title>"},
		{"short", embedtest.Answer(200, `{"data":[]}`), ErrBadVectors, "0 vectors for 1 texts"},
		{"NaN", vector("NaN"), ErrBadVectors, "NaN"},
		{"null", vector("null,1"), ErrBadVectors, "null"},
		{"zero", vector("0,0,0,0,0,0,0,0"), ErrBadVectors, "zero"},
		{"other dimensions", vector("1,0"), ErrModelMismatch, "2 dimensions"},
		{"other model", &embedtest.Server{Model: "second", Dimensions: 8}, ErrModelMismatch, `"second"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			// Queries to servers that hang end at this limit. All others take far less
			// time.
			c, server := connected(t, Config{QueryTimeout: 5 * time.Second})
			// The error names the time from the call to the limit, a little more than the limit.
			if strings.HasPrefix(tc.says, "no answer within") {
				c.connected.Load().queries.lane.timeout = 200 * time.Millisecond
			}
			server.to(tc.server)
			_, err := c.EmbedQuery(t.Context(), "q")
			if !errors.Is(err, tc.sentinel) {
				t.Fatalf("got error %v, want %v", err, tc.sentinel)
			}
			if err != nil && (!strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "http://127.0.0.1:")) {
				t.Errorf("error %q lacks the server or %q", err, tc.says)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v passes for the caller's own", err)
			}
		})
	}
}

// If a server hangs, the error comes before the caller's deadline.
func TestServerHangsUntilDeadline(t *testing.T) {
	t.Parallel()
	hang := embedtest.Serve(t, embedtest.Hang())
	t.Cleanup(hang.CloseClientConnections) // the question about the server continues after its caller has left
	for _, tc := range []struct {
		name string
		call func(context.Context, *Client) error
		says string
	}{
		{"query", func(ctx context.Context, c *Client) error { _, err := c.EmbedQuery(ctx, "q"); return err }, `model "first"`},
		{"passages", func(ctx context.Context, c *Client) error { _, err := c.EmbedPassages(ctx, make40()); return err }, `model "first"`},
		{"check", func(ctx context.Context, c *Client) error { return c.Check(ctx) }, "/v1: context deadline exceeded"},
		{"connection", func(ctx context.Context, _ *Client) error {
			_, err := open(t, Config{URL: hang.URL, QueryTimeout: time.Minute}).Profile(ctx)
			return err
		}, "not yet reported which model"},
		{"turn", func(ctx context.Context, c *Client) error {
			turns := c.connected.Load().passages.lane.turns
			for range cap(turns) {
				turns <- struct{}{}
			}
			_, err := c.EmbedPassages(ctx, []string{"p"})
			return err
		}, "still busy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, server := connected(t, Config{QueryTimeout: time.Minute})
			measure(t, c)
			server.to(embedtest.Hang())
			// Answering takes less than a tenth of this time.
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			err := tc.call(ctx, c)
			if !errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got error %v, want %v and no context error", err, ErrUnavailable)
			}
			for _, part := range []string{`no answer within [12]\.`, `http://127\.0\.0\.1:`, regexp.QuoteMeta(tc.says)} {
				if !regexp.MustCompile(part).MatchString(err.Error()) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

func TestServerGone(t *testing.T) {
	t.Parallel()
	server := embedtest.Serve(t, &embedtest.Server{Model: "m", Dimensions: 8})
	c := open(t, Config{URL: server.URL})
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := c.Check(t.Context()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got error %v, want %v that says refused", err, ErrUnavailable)
	}
	if _, err := c.EmbedQuery(t.Context(), "q"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got error %v, want %v", err, ErrUnavailable)
	}
}

func TestInvalidTexts(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	server.to(embedtest.Answer(500, "nothing should be asked"))
	for _, bad := range []string{"", "a\x00b", "\xff"} {
		if _, err := c.EmbedQuery(t.Context(), bad); !errors.Is(err, ErrInvalidText) {
			t.Errorf("query %q: got error %v, want %v", bad, err, ErrInvalidText)
		}
		if _, err := c.EmbedPassages(t.Context(), []string{"a", bad}); !errors.Is(err, ErrInvalidText) {
			t.Errorf("passage %q: got error %v, want %v", bad, err, ErrInvalidText)
		}
	}
}
