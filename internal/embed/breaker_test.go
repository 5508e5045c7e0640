package embed

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	broken := &driver.Error{Server: "http://s", Err: errors.New("connection refused"), Temporary: true}
	for _, tc := range []struct {
		name  string
		err   error
		after time.Duration // how long until the error
		opens bool
	}{
		{name: "no connection", err: broken, opens: true},
		{name: "loading", err: &driver.Error{Status: 503, Temporary: true}, opens: true},
		{name: "a gateway before nothing", err: &driver.Error{Status: 502}, opens: true},
		{name: "no answer", err: &driver.Error{Err: context.DeadlineExceeded}, after: time.Second, opens: true},
		{name: "no answer for one in haste", err: &driver.Error{Err: context.DeadlineExceeded}, after: time.Millisecond},
		{name: "callers who left", err: &driver.Error{Err: context.Canceled}},
		{name: "overloaded", err: &driver.Error{Status: 429, Temporary: true}},
		{name: "refused", err: &driver.Error{Status: 422}},
		{name: "failed at a text", err: &driver.Error{Status: 500}},
		{name: "malformed", err: &driver.Error{Status: 200, Err: driver.ErrMalformed}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBreaker("http://s", breakerPause)
				fail := func() (driver.Response, error) {
					time.Sleep(tc.after)
					return driver.Response{}, tc.err
				}
				well := func() (driver.Response, error) { return driver.Response{}, nil }
				for range breakerFailures {
					if _, err := b.do(fail); !errors.Is(err, tc.err) {
						t.Errorf("got error %v, want %v", err, tc.err)
					}
				}
				_, err := b.do(well)
				if opens := errors.Is(err, gobreaker.ErrOpenState); opens != tc.opens {
					t.Fatalf("got error %v, want it open: %v", err, tc.opens)
				}
				if !tc.opens {
					return
				}
				if !strings.Contains(err.Error(), tc.err.Error()) {
					t.Errorf("error %q lacks %q", err, tc.err)
				}
				time.Sleep(breakerPause + time.Millisecond)
				if !b.halfOpen() {
					t.Errorf("nothing is let through after %v", breakerPause)
				}
				for range 2 {
					if _, err := b.do(well); err != nil {
						t.Errorf("the server is back: %v", err)
					}
				}
			})
		})
	}
}

// pausing gives a client a breaker with the pause d.
func pausing(c *Client, d time.Duration) {
	conn := c.connected.Load()
	b := newBreaker(conn.server, d)
	conn.queries.lane.breaker, conn.passages.lane.breaker = b, b
}

// Queries are not sent to a server that is down, but a check is.
func TestServerDown(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	pausing(c, time.Hour)
	gone := &fussy{fault: always(embedtest.Reset()), next: http.NotFoundHandler()}
	server.to(gone)
	for range 2 {
		if _, err := c.EmbedQuery(t.Context(), "q"); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("got error %v, want %v", err, ErrUnavailable)
		}
	}
	before := gone.requests.Load()
	if _, err := c.EmbedQuery(t.Context(), "q"); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "not called for a moment") {
		t.Errorf("got error %v, want %v that says that nothing is asked", err, ErrUnavailable)
	}
	if got := gone.requests.Load(); got != before {
		t.Errorf("a server that is down was asked %d times", got-before)
	}
	server.to(&embedtest.Server{Model: "first", Dimensions: 8})
	if err := c.Check(t.Context()); err != nil {
		t.Errorf("a check of a server that is back: %v", err)
	}
}

// Passages wait while a server is down, and queries are sent again once it is back.
func TestServerBack(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	measure(t, c)
	pausing(c, time.Millisecond)
	c.connected.Load().passages.lane.retry.Pause = 10 * time.Millisecond
	server.to(&fussy{fault: times(breakerFailures+1, embedtest.Reset()), next: &embedtest.Server{Model: "first", Dimensions: 8}})
	if _, err := c.EmbedPassages(t.Context(), []string{"p"}); err != nil {
		t.Errorf("passages: %v", err)
	}
	if _, err := c.EmbedQuery(t.Context(), "q"); err != nil {
		t.Errorf("a query: %v", err)
	}
}
