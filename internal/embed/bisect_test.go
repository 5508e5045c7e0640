package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestTextIsTriedAgainLater checks that a text on which the server failed is tried again after
// a pause, since the failure may be temporary, and that a caller whose deadline comes before
// the second try gets the error of its context.
func TestTextIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{})
	measure(t, c)
	const unwell = 250 * time.Millisecond
	c.recovery = 2 * unwell
	var since atomic.Pointer[time.Time] // time of the first request
	server.to(&fussy{next: &embedtest.Server{Model: "first", Dimensions: 8}, fault: func(texts []string) http.Handler {
		now := time.Now()
		since.CompareAndSwap(nil, &now)
		if !slices.Contains(texts, bad) || now.Sub(*since.Load()) > unwell {
			return nil
		}
		return embedtest.Answer(500, "out of memory")
	}})
	if _, err := c.EmbedPassages(t.Context(), []string{bad}); err != nil {
		t.Errorf("a server that was unwell for a moment: %v", err)
	}

	c.recovery = time.Hour
	server.to(embedtest.Answer(500, "out of memory"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := c.EmbedPassages(ctx, []string{bad}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v: the caller has no time for a second try", err, context.DeadlineExceeded)
	}
}

// A batch size that a server refused is not tried again.
func TestRemembersBatchSize(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{MaxPassageRequests: 1})
	measure(t, c)
	small := &fussy{fault: above(4, embedtest.Answer(413, "")), next: &embedtest.Server{Model: "first", Dimensions: 8}}
	server.to(small)
	for _, want := range []int32{15, 10} { // 16 and 8 texts are refused, then 4 are sent
		before := small.requests.Load()
		if _, err := c.EmbedPassages(t.Context(), make40()); err != nil {
			t.Fatal(err)
		}
		if got := small.requests.Load() - before; got > want {
			t.Errorf("%d requests, want %d at most", got, want)
		}
	}
}

// A batch size that a server refused only briefly is used again later.
func TestBatchSizeGrowsAgain(t *testing.T) {
	t.Parallel()
	c, server := connected(t, Config{MaxPassageRequests: 1})
	measure(t, c)
	good := &embedtest.Server{Model: "first", Dimensions: 8}
	server.to(&fussy{fault: above(4, embedtest.Answer(413, "")), next: good})
	for _, calm := range []bool{false, true} {
		for range growAfter {
			if _, err := c.EmbedPassages(t.Context(), make40()); err != nil {
				t.Fatal(err)
			}
		}
		largest := 0
		for _, req := range good.Requests() {
			largest = max(largest, len(req.Input))
		}
		if want := map[bool]int{false: 4, true: DefaultBatchInputs}[calm]; largest != want {
			t.Errorf("the largest request that the server took has %d texts, want %d", largest, want)
		}
		server.to(good)
	}
}

func TestBatchSize(t *testing.T) {
	t.Parallel()
	f := batchSize{current: 16, largest: 16}
	took := func(times, n int) {
		for range times {
			f.succeeded(n)
		}
	}
	for _, step := range []struct {
		name string
		do   func()
		want int
	}{
		{"nothing is refused", func() { took(2*growAfter, 16) }, 16},
		{"two are refused", func() { f.shrinkTo(3); f.shrinkTo(8) }, 3},
		{"smaller requests teach nothing", func() { took(2*growAfter, 2) }, 3},
		{"too few that fit", func() { took(growAfter-1, 3) }, 3},
		{"a refusal between", func() { f.shrinkTo(3); took(growAfter-1, 3) }, 3},
		{"enough", func() { took(1, 3) }, 6},
		{"no more than the largest", func() { took(growAfter, 6); took(2*growAfter, 12) }, 16},
	} {
		if step.do(); f.limit() != step.want {
			t.Errorf("%s: a request may have %d texts, want %d", step.name, f.limit(), step.want)
		}
	}
}

// Fingerprint works with a server that accepts fewer texts per request than a fingerprint
// has.
func TestFingerprintInSmallRequests(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 3} {
		c, server := connected(t, Config{})
		server.to(&fussy{fault: above(most, embedtest.Answer(422, "")), next: &embedtest.Server{Model: "first", Dimensions: 8}})
		e, err := c.ownEncoder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fingerprint, err := e.Fingerprint(t.Context())
		if err != nil || len(fingerprint) != 2*len(fingerprintTexts()) {
			t.Errorf("%d texts at most: %d vectors, error %v", most, len(fingerprint), err)
		}
	}
}

func TestPublicMessage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ body, want string }{
		{"no more than 512 tokens, got 600:7", "no more than 512 tokens, got 600:7"},
		{`{"error":"upstream http://10.0.0.3:8000/v1 is down"}`, `{"error":"upstream [address] is down"}`},
		{"dial tcp 10.0.0.3:8000: refused", "dial tcp [address]: refused"},
		{"lookup gpu.internal.example:80", "lookup [address]"},
		{"localhost:8080 and [::1]:8080 and 192.168.0.1", "[address] and [address] and [address]"},
		{"at 12:30, in version 1.2.3", "at 12:30, in version 1.2.3"},
	} {
		got := publicMessage(fmt.Errorf("%w: %w", ErrRejected, &driver.Error{Server: "http://gpu:1", Model: "m", Status: 413, Body: tc.body}))
		if want := "the model server: answered 413 Request Entity Too Large: " + tc.want; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
