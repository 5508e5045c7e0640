package embedtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
)

// Subject is a driver under test.
type Subject struct {
	// Server speaks the driver's wire format without fault, gives each text the
	// Vector of Dimensions, whatever its Input, and lists one model.
	Server     http.Handler
	Model      string
	Dimensions int
	// Open returns a driver for the server at base.
	Open func(base *url.URL) driver.Driver
}

// Run checks that a driver keeps the contract of driver.Driver.
func Run(t *testing.T, s Subject) {
	t.Run("embeds in order", s.embedsInOrder)
	t.Run("serves concurrent callers", s.servesConcurrently)
	t.Run("describes", s.describes)
	t.Run("reports statuses", s.reportsStatuses)
	t.Run("reports malformed answers", s.reportsMalformed)
	t.Run("reports broken connections", s.reportsBroken)
	t.Run("ends with its context", s.endsWithContext)
}

// open starts handler and returns a driver for it. The URL has credentials and
// a query, which no error may show.
func (s Subject) open(t *testing.T, handler http.Handler) driver.Driver {
	t.Helper()
	base, err := url.Parse(Serve(t, handler).URL)
	if err != nil {
		t.Fatal(err)
	}
	base.User = url.UserPassword("user", "hidden-password")
	base.RawQuery = "key=hidden-key"
	return s.Open(base)
}

// fails makes one request to handler and returns its error.
func (s Subject) fails(ctx context.Context, t *testing.T, handler http.Handler) *driver.Error {
	t.Helper()
	_, err := s.open(t, handler).Embed(ctx, driver.Request{Model: s.Model, Texts: []string{"one", "two"}})
	var failure *driver.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got error %v (%T), want a *driver.Error", err, err)
	}
	if strings.Contains(failure.Error(), "hidden") || strings.Contains(failure.Server, "user") {
		t.Errorf("error shows credentials: %v", failure)
	}
	if !strings.HasPrefix(failure.Server, "http://127.0.0.1:") || failure.Model != s.Model {
		t.Errorf("error names server %q and model %q, want both as asked", failure.Server, failure.Model)
	}
	if len(failure.Body) > 512 || strings.ContainsAny(failure.Body, "\n\t\x00") {
		t.Errorf("excerpt of %d bytes is not one short line: %q", len(failure.Body), failure.Body)
	}
	return failure
}

func (s Subject) embedsInOrder(t *testing.T) {
	t.Parallel()
	d := s.open(t, s.Server)
	texts := []string{
		"digital economy", "数字经济合作", "cooperación en la economía digital",
		`quotes " and \ back`, "line\nbreak\tand <tags> & 🎉", "digital economy",
	}
	for _, input := range []driver.Input{driver.Query, driver.Passage} {
		resp, err := d.Embed(t.Context(), driver.Request{Model: s.Model, Texts: texts, Input: input})
		if err != nil {
			t.Fatal(err)
		}
		var want [][]float32
		for _, text := range texts {
			want = append(want, Vector(text, s.Dimensions))
		}
		if diff := cmp.Diff(want, resp.Vectors); diff != "" {
			t.Errorf("%v: vectors (-want +got):\n%s", input, diff)
		}
		if resp.Model != s.Model {
			t.Errorf("answer names model %q, want %q", resp.Model, s.Model)
		}
	}
}

func (s Subject) servesConcurrently(t *testing.T) {
	t.Parallel()
	d := s.open(t, s.Server)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := fmt.Sprintf("text number %d", i)
			resp, err := d.Embed(t.Context(), driver.Request{Model: s.Model, Texts: []string{text}})
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff([][]float32{Vector(text, s.Dimensions)}, resp.Vectors); diff != "" {
				t.Errorf("%s: vectors (-want +got):\n%s", text, diff)
			}
		})
	}
	wg.Wait()
}

func (s Subject) describes(t *testing.T) {
	t.Parallel()
	info, err := s.open(t, s.Server).Describe(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Models) != 1 || info.Models[0].ID != s.Model {
		t.Errorf("got models %v, want %q alone", info.Models, s.Model)
	}
	var failure *driver.Error
	if _, err := s.open(t, Answer(http.StatusInternalServerError, "")).Describe(t.Context(), ""); !errors.As(err, &failure) || failure.Status != http.StatusInternalServerError {
		t.Errorf("got error %v, want a *driver.Error of status 500", err)
	}
}

func (s Subject) reportsStatuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("the input is too long\n", 1000)
	for _, tc := range []struct {
		status    int
		headers   []string
		temporary bool
		after     time.Duration
	}{
		{status: http.StatusMovedPermanently, headers: []string{"Location", "/elsewhere"}},
		{status: http.StatusBadRequest},
		{status: http.StatusUnauthorized},
		{status: http.StatusRequestEntityTooLarge},
		{status: http.StatusUnprocessableEntity},
		{status: http.StatusTooManyRequests, temporary: true},
		{status: http.StatusTooManyRequests, headers: []string{"Retry-After", "7"}, temporary: true, after: 7 * time.Second},
		{status: http.StatusInternalServerError},
		{status: http.StatusServiceUnavailable, headers: []string{"Retry-After", "soon"}, temporary: true},
	} {
		failure := s.fails(t.Context(), t, Answer(tc.status, long, tc.headers...))
		want := driver.Error{Status: tc.status, Temporary: tc.temporary, RetryAfter: tc.after}
		got := driver.Error{Status: failure.Status, Temporary: failure.Temporary, RetryAfter: failure.RetryAfter}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("status %d (-want +got):\n%s", tc.status, diff)
		}
		if !strings.HasPrefix(failure.Body, "the input is too long") {
			t.Errorf("status %d: excerpt %q, want the beginning of the answer", tc.status, failure.Body)
		}
	}
}

func (s Subject) reportsMalformed(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.Handler{
		"empty":    Answer(http.StatusOK, ""),
		"HTML":     Answer(http.StatusOK, "<!doctype html>\n<title>Sign in</title>"),
		"null":     Answer(http.StatusOK, "null"),
		"no data":  Answer(http.StatusOK, "{}"),
		"cut off":  Answer(http.StatusOK, `{"data":[{"index":0,"embedding":[0.1,`),
		"too much": Huge(),
	} {
		failure := s.fails(t.Context(), t, handler)
		if !errors.Is(failure, driver.ErrMalformed) || failure.Temporary {
			t.Errorf("%s: got error %v (temporary: %v), want a lasting %v", name, failure, failure.Temporary, driver.ErrMalformed)
		}
	}
}

func (s Subject) reportsBroken(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.Handler{
		"before an answer":  Reset(),
		"inside the answer": Answer(http.StatusOK, "{", "Content-Length", "1000"),
	} {
		failure := s.fails(t.Context(), t, handler)
		if !failure.Temporary || errors.Is(failure, driver.ErrMalformed) {
			t.Errorf("%s: got error %v (temporary: %v), want a temporary one of the connection", name, failure, failure.Temporary)
		}
	}
}

func (s Subject) endsWithContext(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.Handler{"hang": Hang(), "drip": Drip()} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		failure := s.fails(ctx, t, handler)
		if !errors.Is(failure, context.DeadlineExceeded) || failure.Temporary {
			t.Errorf("%s: got error %v (temporary: %v), want a lasting %v", name, failure, failure.Temporary, context.DeadlineExceeded)
		}
	}
}
