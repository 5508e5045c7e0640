package modelservers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/space"
)

// TestBurstVerifiesOnce checks that many concurrent callers share one check of the server.
func TestBurstVerifiesOnce(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	alone, together := model("one"), model("one")
	if _, err := open(t, named{"default", alone}).Serving(callContext(t), sp); err != nil {
		t.Fatal(err)
	}
	s := open(t, named{"default", together})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := s.EmbedQuery(callContext(t), sp, "ports"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got, want := fingerprints(together), fingerprints(alone); got != want || want == 0 {
		t.Errorf("50 callers asked for the probe %d times, one %d times", got, want)
	}
}

// TestVerifiedAfterFailure checks that a server that comes back with another model of the
// same name is not used, and that it is used again when the old model is back.
func TestVerifiedAfterFailure(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	behind := plugged(model("one"))
	s := open(t, named{"default", behind})
	ctx := callContext(t)
	embedOne := func() error {
		_, err := s.EmbedPassages(ctx, sp, []string{"ports"})
		return err
	}
	if err := embedOne(); err != nil {
		t.Fatal(err)
	}
	behind.plug(down())
	if err := embedOne(); !errors.Is(err, embed.ErrUnavailable) {
		t.Fatalf("while it is down: %v", err)
	}
	behind.plug(embedtest.Backwards{Server: model("one")})
	eventually(t, func() bool { return errors.Is(embedOne(), space.ErrModelMismatch) }) // when the breaker lets requests through
	behind.plug(model("one"))
	if err := embedOne(); !errors.Is(err, space.ErrModelMismatch) {
		t.Errorf("a refusal is not kept for a while: %v", err)
	}
	s.age(sp, refuseFor)
	if err := embedOne(); err != nil {
		t.Errorf("with its model again: %v", err)
	}
}

// age makes the last check of a space older by the given time.
func (s *Servers) age(sp space.Space, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spaces[spaceKey(sp)].checkedAt = time.Now().Add(-by)
}

// serverWasAway reports whether an outage of the server of a space was noticed.
func (s *Servers) serverWasAway(sp space.Space) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spaces[spaceKey(sp)].provider.wasAway()
}

// TestVerifiedBesideCalls checks that a check in the background does not delay callers, and
// that its result is used.
func TestVerifiedBesideCalls(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	other := embedtest.Backwards{Server: model("one")}
	behind := plugged(model("one"))
	s := open(t, named{"default", behind})
	if _, err := s.Serving(callContext(t), sp); err != nil {
		t.Fatal(err)
	}
	behind.plug(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
		other.ServeHTTP(w, r)
	}))
	s.age(sp, verifyEvery)
	for range 3 {
		if _, err := s.Serving(callContext(t), sp); err != nil {
			t.Fatalf("while the server is asked: %v", err)
		}
	}
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("the server was not asked")
	}
	close(answer)
	eventually(t, func() bool {
		_, err := s.Serving(callContext(t), sp)
		return errors.Is(err, space.ErrModelMismatch)
	})
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing happened within %v", patience)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	first, second := plugged(model("one")), plugged(embedtest.Backwards{Server: model("two")})
	sp := offered(t, "second", embedtest.Backwards{Server: model("two")})
	s := open(t, named{"default", first}, named{"second", second})
	ctx := callContext(t)
	check := func(what string, well bool) {
		t.Helper()
		if err := s.Check(ctx); (err == nil) != well {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("the default", true)
	first.plug(down())
	check("the default, down", false)

	building := sp
	building.State = space.Building
	if _, err := s.Serving(ctx, building); err != nil {
		t.Fatal(err)
	}
	check("the default, down, while a space is built", false)
	if _, err := s.Serving(ctx, sp); err != nil {
		t.Fatal(err)
	}
	check("the second, in use", true)
	second.plug(down())
	check("the second, down", false)

	s.mu.Lock()
	s.spaces[spaceKey(sp)].usedAt = time.Now().Add(-2 * forgetAfter)
	s.mu.Unlock()
	first.plug(model("one"))
	eventually(t, func() bool { return s.Check(ctx) == nil }) // the default server is checked again when its breaker lets requests through
	if len(s.spaces) != 0 {
		t.Errorf("%d spaces are remembered", len(s.spaces))
	}
}

// TestFailing checks that States notices a server that is down although nobody calls it, and
// notices when a server that no space uses answers again.
func TestFailing(t *testing.T) {
	t.Parallel()
	first, second := plugged(model("one")), plugged(model("two"))
	s := open(t, named{"default", first}, named{"second", second})
	ctx := callContext(t)
	failing := func(what, name string, want bool) {
		t.Helper()
		_ = s.Check(ctx)
		for _, got := range s.States() {
			if got.Name == name && (got.State == health.Failing) != want {
				t.Errorf("%s: failing is %v, want %v", what, !want, want)
			}
		}
	}
	failing("the default", "default", false)
	first.plug(down())
	failing("the default, down and idle", "default", true)
	first.plug(model("one"))
	failing("the default, back", "default", false)

	second.plug(down())
	if _, err := s.Offer(ctx, "second"); err == nil {
		t.Error("a server that is down made an offer")
	}
	failing("the second, down and unused", "second", true)
	second.plug(model("two"))
	failing("the second, back", "second", false)
}

// TestLeaving checks that callers can stop waiting, and that Close ends checks in
// progress.
func TestLeaving(t *testing.T) {
	t.Parallel()
	sp := offered(t, "default", model("one"))
	s := open(t, named{"default", embedtest.Hang()})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Serving(ctx, sp); !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
	s.Close()
	if _, err := s.Serving(callContext(t), sp); !errors.Is(err, embed.ErrUnavailable) {
		t.Errorf("closed: %v", err)
	}
}
