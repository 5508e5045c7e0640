package modelservers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/space"
)

// TestSlowIsNotAway checks that a query that runs out of time does not cause a check of the
// server before the next query.
func TestSlowIsNotAway(t *testing.T) {
	t.Parallel()
	one := model("one")
	sp := offered(t, "default", model("one"))
	behind := plugged(one)
	s := open(t, named{"default", behind})
	if _, err := s.EmbedQuery(callContext(t), sp, "ports"); err != nil {
		t.Fatal(err)
	}
	behind.plug(embedtest.Hang())
	tight, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.EmbedQuery(tight, sp, "slow ports"); err == nil {
		t.Fatal("a server that hangs answered")
	}
	behind.plug(one)
	held := make(chan struct{})
	s.asking.DoChan("space "+spaceKey(sp), func() (any, error) { <-held; return nil, errors.New("held") })
	defer close(held)
	if _, err := s.EmbedQuery(callContext(t), sp, "other ports"); err != nil { // another text, since the request for the first is still held up
		t.Errorf("after a query with too little time: %v", err)
	}
}

// TestSwappedWhileWaitedFor checks that passages wait for a server that is away, and that
// their vectors are dropped if the server comes back with another model.
func TestSwappedWhileWaitedFor(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		back http.Handler
		want error
	}{
		"the same model": {model("one"), nil},
		"another model":  {embedtest.Backwards{Server: model("one")}, space.ErrModelMismatch},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			sp := offered(t, "default", model("one"))
			behind := plugged(model("one"))
			s := open(t, named{"default", behind})
			if _, err := s.Serving(callContext(t), sp); err != nil {
				t.Fatal(err)
			}
			refused := make(chan struct{}, 100)
			behind.plug(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				refused <- struct{}{}
				down().ServeHTTP(w, r)
			}))
			go func() {
				<-refused
				for !s.serverWasAway(sp) { // otherwise the server would be back before anyone noticed that it was away
					time.Sleep(time.Millisecond)
				}
				behind.plug(test.back)
			}()
			var writers sync.WaitGroup
			for range 4 { // none of the calls fails because another one is already checking the server
				writers.Go(func() {
					given := 0
					err := s.EmbedEach(callContext(t), sp, []string{"ports", "rails"}, func(_ int, batch []document.Embedding) error {
						given += len(batch)
						return nil
					})
					if !errors.Is(err, test.want) || (err == nil) != (given == 2) {
						t.Errorf("error %v, %d embeddings given out", err, given)
					}
				})
			}
			writers.Wait()
		})
	}
}

// TestAwayAtFirst checks that if a server cannot be asked, calls fail at once for a while,
// and succeed soon after it is up.
func TestAwayAtFirst(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	behind := plugged(down())
	s := open(t, named{"default", behind})
	if _, err := s.Serving(callContext(t), sp); !errors.Is(err, embed.ErrUnavailable) {
		t.Fatalf("while it is down: %v", err)
	}
	asked := make(chan struct{}, 100)
	behind.plug(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		down().ServeHTTP(w, r)
	}))
	s.age(sp, 0)
	if _, err := s.Serving(callContext(t), sp); !errors.Is(err, embed.ErrUnavailable) || len(asked) > 0 {
		t.Errorf("again at once: %v after %d requests", err, len(asked))
	}
	behind.plug(model("one"))
	eventually(t, func() bool {
		_, err := s.Serving(callContext(t), sp)
		return err == nil
	})
}
