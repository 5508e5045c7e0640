package modelservers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

// slow returns a server that takes a while for each embedding.
func slow(handler http.Handler, pause time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/embeddings") {
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
		}
		handler.ServeHTTP(w, r)
	})
}

// impatient opens a server that gives up a query after half a second.
func impatient(t *testing.T, handler http.Handler) *Servers {
	t.Helper()
	s, err := Open([]Server{{"default", embed.Config{
		URL: "openai+" + embedtest.Serve(t, handler).URL, QueryTimeout: 500 * time.Millisecond,
	}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestOfferWaits checks that creating a space waits for a slow server until the call's
// deadline, and no longer, while queries give up early.
func TestOfferWaits(t *testing.T) {
	t.Parallel()
	s := impatient(t, slow(model("one"), 800*time.Millisecond)) // would take 8 s; the default limit of queries is 5 s
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Offer(short, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("within a second: %v, want the deadline's error", err)
	}
	sp, err := s.Offer(callContext(t), "")
	if err != nil || sp.Model != "one" || len(sp.Fingerprint) == 0 {
		t.Fatalf("within %v: %v, %v", patience, sp.Model, err)
	}
	if _, err := s.EmbedQuery(callContext(t), sp, "ports"); !errors.Is(err, embed.ErrUnavailable) {
		t.Errorf("a query: %v, want it given up", err)
	}
}

// TestOfferOfDeadServer checks that calls without a deadline do not wait if a server is
// down.
func TestOfferOfDeadServer(t *testing.T) {
	t.Parallel()
	began := time.Now()
	_, err := open(t, named{"default", down()}).Offer(callContext(t), "")
	if took := time.Since(began); !errors.Is(err, embed.ErrUnavailable) || took > patience/2 {
		t.Errorf("after %v: %v", took, err)
	}
}

// TestOfferOfKnownModel checks that the model is not probed if it was checked recently, and
// is probed if it may have changed.
func TestOfferOfKnownModel(t *testing.T) {
	t.Parallel()
	m := model("one")
	s := open(t, named{"default", m})
	first, err := s.Offer(callContext(t), "")
	if err != nil {
		t.Fatal(err)
	}
	first.Collection = "talks"
	if _, err := s.EmbedPassages(callContext(t), first, []string{"ports"}); err != nil {
		t.Fatal(err)
	}
	before := len(m.Requests())
	again, err := s.Offer(callContext(t), "")
	if asked := len(m.Requests()) - before; err != nil || asked != 0 || again.ID != first.ID || !s.SameModel(again.Fingerprint, first.Fingerprint) {
		t.Errorf("again: space %s after %d requests, %v; want %s after none", again.ID, asked, err, first.ID)
	}
	if again.Collection != "" || again.VectorTable != "" {
		t.Errorf("what is offered is of %q already", again.Collection)
	}
	if got := fingerprints(m); got != 2 { // once as a query and once as a passage
		t.Errorf("%d probes, want one fingerprint", got)
	}
	s.age(first, verifyEvery)
	if _, err := s.Offer(callContext(t), ""); err != nil || fingerprints(m) != 4 {
		t.Errorf("a minute later: %d probes, %v; want another fingerprint", fingerprints(m), err)
	}
}
