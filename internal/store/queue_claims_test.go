package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestClaims checks that a claim ends with its lease unless it is extended, that concurrent
// claims never share a document, that collections take turns, and that collections in
// resting are skipped.
func TestClaims(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{MaxConns: 8}), newRand()
	const many = 100
	for _, collection := range []string{"c", "e"} {
		sp := newCollection(t, s, collection)
		for i := range many {
			enqueue(t, s, sp, newDocument(collection, fmt.Sprintf("d%d", i), r, "Text."))
		}
	}
	take := func(id string, lease time.Duration, last string, resting ...string) document.Claim {
		c, err := s.ClaimDocuments(t.Context(), id, lease, resting, last)
		if err != nil {
			t.Error(err)
		}
		return c
	}
	if c := take("first", 0, "c"); c.Collection != "e" {
		t.Errorf("%s got two turns in a row", c.Collection)
	}
	if c := take("resting", 0, "", "c", "e"); len(c.Documents) > 0 {
		t.Errorf("%s was claimed although it rests", c.Collection)
	}
	var (
		mu       sync.Mutex
		claimed  []string
		claimers sync.WaitGroup
	)
	for i := range 8 {
		claimers.Go(func() {
			for n := 0; ; n++ {
				c := take(fmt.Sprint("worker ", i, n), time.Hour, "e", "e")
				if len(c.Documents) == 0 {
					return
				}
				mu.Lock()
				claimed = append(claimed, c.Documents...)
				mu.Unlock()
			}
		})
	}
	claimers.Wait()
	if slices.Sort(claimed); len(claimed) != many || len(slices.Compact(claimed)) != many {
		t.Errorf("%d claims of %d documents", len(claimed), many)
	}
	dead, alive := take("dead", time.Hour, ""), take("alive", time.Hour, "")
	if len(dead.Documents)+len(alive.Documents) != many {
		t.Fatalf("claimed %d and %d documents of %d", len(dead.Documents), len(alive.Documents), many)
	}
	if c := take("early", time.Hour, ""); len(c.Documents) > 0 {
		t.Errorf("claimed %v before the lease ended", c.Documents)
	}
	for _, extended := range []struct {
		claim string
		lease time.Duration
	}{{"alive", 0}, {"alive", time.Hour}, {"dead", 0}} { // a lease of 0 ends at once
		if err := s.KeepClaim(t.Context(), extended.claim, extended.lease); err != nil {
			t.Fatal(err)
		}
	}
	if c := take("late", time.Hour, ""); !slices.Equal(c.Documents, dead.Documents) {
		t.Errorf("claimed %v, want %v, which the dead worker held", c.Documents, dead.Documents)
	}
}

// TestClaimIsBounded checks that the passages of a claim are bounded, unless a single
// document has more.
func TestClaimIsBounded(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	sp := newCollection(t, s, "c")
	for i := range 3 {
		enqueue(t, s, sp, newDocument("c", fmt.Sprintf("d%d", i), r, slices.Repeat([]string{"Text."}, 300)...))
	}
	if c := claim(t, s, "a"); len(c.Documents) != 2 {
		t.Errorf("claimed %v, which have 300 passages each", c.Documents)
	}
}

// TestFailDocument checks that a document that fails repeatedly has failed permanently.
func TestFailDocument(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	enqueue(t, s, newCollection(t, s, "c"), newDocument("c", "d", newRand(), "Text."))
	for n := range 3 {
		checkIndexed(t, s, "d", indexed{State: document.IndexPending})
		id := strings.Repeat("x", n+1)
		if c := claim(t, s, id); len(c.Documents) != 1 {
			t.Fatalf("claimed %v at attempt %d", c.Documents, n+1)
		}
		if err := s.FailDocument(t.Context(), id, "d", "hangs", 3, 0); err != nil {
			t.Fatal(err)
		}
	}
	checkIndexed(t, s, "d", indexed{State: document.IndexFailed, Error: "hangs"})
	if c := claim(t, s, "last"); len(c.Documents) > 0 {
		t.Errorf("claimed %v, which has failed permanently", c.Documents)
	}
}

// TestActivationEndsWaiting checks that no document waits in the queue after a space was
// activated, and that documents without vectors in that space have failed.
func TestActivationEndsWaiting(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	sp := newCollection(t, s, "c")
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		enqueue(t, s, sp, newDocument("c", id, r, "Text."))
	}
	second := stored(t, s, "c", "other-1")
	claim(t, s, "worker")
	old := begun(t, s, sp, "a")
	if held, err := s.HoldSpace(t.Context(), second, "builder"); err != nil || !held {
		t.Fatalf("held %v, error %v", held, err)
	}
	for id, refused := range map[string][]string{"a": nil, "b": {"Text."}} {
		built := begun(t, s, second, id, refused...)
		for i := range built.Rows {
			if built.Rows[i].Vector != nil {
				built.Rows[i].Vector = []float32{0, 1}
			}
		}
		if changed, err := s.AddWindows(t.Context(), second, "builder", []document.WindowsToAdd{built}); err != nil || len(changed) > 0 {
			t.Fatalf("changed %v, error %v", changed, err)
		}
	}
	if ready, err := s.MakeReady(t.Context(), second); err != nil || !ready {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	if err := s.ActivateSpace(t.Context(), "c", "other-1"); err != nil {
		t.Fatal(err)
	}
	checkIndexed(t, s, "a", indexed{State: document.IndexComplete})
	checkIndexed(t, s, "b", indexed{State: document.IndexFailed, Error: "REJECTED: too odd", Failures: 1})
	addClaimed(t, s, sp, "worker", []document.WindowsToAdd{old}, "a")
}
