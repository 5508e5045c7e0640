package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/accord-search/accord/internal/search"
)

// TestEmbedTogether: the vectors of several questions are made in one call, and each search
// uses its own. A question that needs no vector gets none.
func TestEmbedTogether(t *testing.T) {
	t.Parallel()
	f := found("a", "b")
	s := f.searcher() // caches two vectors
	var reqs []search.Request
	for _, query := range []string{"one?", "two?", " one?", "three?"} {
		reqs = append(reqs, search.Request{Query: query, Limit: 1, Mode: search.ModeSemantic})
	}
	reqs = append(reqs, search.Request{Query: "words", Limit: 1, Mode: search.ModeLexical})
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs, semaphore.NewWeighted(1))
	embed()
	if want := []string{"one?", "two?", "three?"}; f.requests != 1 || !slices.Equal(f.asked, want) {
		t.Fatalf("%d calls embedded %q, want one for %q", f.requests, f.asked, want)
	}
	var vectors [][]float32
	for _, req := range reqs[:4] {
		if _, err := s.Search(ctx, req); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, f.vector)
	}
	if f.requests != 1 {
		t.Errorf("searches embedded %q again", f.asked[3:])
	}
	if !slices.Equal(vectors[0], vectors[2]) || slices.Equal(vectors[0], vectors[1]) || !slices.Equal(vectors[0], vectors[3]) {
		t.Errorf("the searches used the vectors %v", vectors)
	}
}

// TestEmbedTogetherFails: if the model server fails or hangs, it is called only once, and
// each search answers by words alone.
func TestEmbedTogetherFails(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		f := found("a")
		f.words = f.near
		if f.hangs = hangs; !hangs {
			f.err = errDown
		}
		s := f.searcher()
		var reqs []search.Request
		for i := range 20 { // which are sent in two parts
			reqs = append(reqs, search.Request{Query: fmt.Sprintf("question %d?", i), Limit: 1})
		}
		ctx, embed := s.EmbedTogether(t.Context(), "c", reqs, semaphore.NewWeighted(1))
		embed()
		for _, req := range reqs {
			answer, err := s.Search(ctx, req)
			if err != nil || !slices.Equal(answer.Degraded, []search.Degradation{search.EmbedderUnavailable}) {
				t.Errorf("hangs %v: degraded %v, error %v", hangs, answer.Degraded, err)
			}
		}
		if f.requests != 1 {
			t.Errorf("hangs %v: %d calls of the model server", hangs, f.requests)
		}
	}
}

// TestEmbedTogetherCached: a vector that is cached is used even if it comes after one for which
// the model server failed.
func TestEmbedTogetherCached(t *testing.T) {
	t.Parallel()
	f := found("a")
	s := f.searcher()
	var reqs []search.Request
	for i := range 20 { // which are sent in two parts
		reqs = append(reqs, search.Request{Query: fmt.Sprintf("question %d?", i), Limit: 1})
	}
	cached := reqs[len(reqs)-1]
	if _, err := s.Search(t.Context(), cached); err != nil {
		t.Fatal(err)
	}
	f.err = errDown
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs, semaphore.NewWeighted(1))
	embed()
	if answer, err := s.Search(ctx, cached); err != nil || len(answer.Degraded) > 0 {
		t.Errorf("degraded %v, error %v", answer.Degraded, err)
	}
}

// TestSearchWhileEmbedding: a search is answered as soon as its vector is there, while the
// vectors of later questions are made. Searches wait no longer than their context.
func TestSearchWhileEmbedding(t *testing.T) {
	t.Parallel()
	f := found("a")
	s := f.searcher()
	var reqs []search.Request
	for i := range 33 {
		reqs = append(reqs, search.Request{Query: fmt.Sprintf("question %d?", i), Limit: 1, Mode: search.ModeSemantic})
	}
	second := make(chan struct{})
	f.beforeEmbedding = func() {
		if f.requests == 2 {
			<-second
		}
	}
	places := semaphore.NewWeighted(1)
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs, places)
	if err := places.Acquire(ctx, 1); err != nil { // for the searches, which run one after the other
		t.Fatal(err)
	}
	var embedding sync.WaitGroup
	embedding.Go(embed)
	if _, err := s.Search(ctx, reqs[0]); err != nil {
		t.Error(err)
	}
	gone, leave := context.WithCancel(ctx)
	leave()
	if _, err := s.Search(gone, reqs[32]); !errors.Is(err, context.Canceled) {
		t.Errorf("a search without its vector: %v", err)
	}
	close(second)
	if _, err := s.Search(ctx, reqs[32]); err != nil {
		t.Error(err)
	}
	embedding.Wait()
	if f.requests != 3 {
		t.Errorf("%d calls of the model server, want 3 of 11 queries", f.requests)
	}
}

// TestPlacesWhileEmbedding: a search that waits for its vector gives its place to the next one,
// which searches by words meanwhile. No more searches work at once than there are places.
func TestPlacesWhileEmbedding(t *testing.T) {
	t.Parallel()
	f := found("a")
	f.words = f.near
	s := f.searcher()
	var reqs []search.Request
	for i := range 5 {
		reqs = append(reqs, search.Request{Query: fmt.Sprintf("question %d?", i), Limit: 1})
	}
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	matched := make(chan struct{}, len(reqs))
	f.beforeMatching = func() { matched <- struct{}{} }
	f.beforeEmbedding = func() { // vectors come after all searches by words
		for range reqs {
			select {
			case <-matched:
			case <-limited.Done():
			}
		}
	}
	places := semaphore.NewWeighted(1)
	ctx, embed := s.EmbedTogether(limited, "c", reqs, places)
	var running sync.WaitGroup
	running.Go(embed)
	for i, req := range reqs {
		if err := places.Acquire(limited, 1); err != nil {
			t.Errorf("search %d got no place", i)
			break
		}
		running.Go(func() {
			defer places.Release(1)
			if answer, err := s.Search(ctx, req); err != nil || len(answer.Hits) != 1 || len(answer.Degraded) > 0 {
				t.Errorf("%d hits, degraded %v, error %v", len(answer.Hits), answer.Degraded, err)
			}
		})
	}
	running.Wait()
	if !places.TryAcquire(1) || places.TryAcquire(1) {
		t.Error("after the searches, not exactly one place is free")
	}
}

// TestEmbedTogetherPanics: a panic while vectors are made fails the searches, which do not wait
// forever.
func TestEmbedTogetherPanics(t *testing.T) {
	t.Parallel()
	f := found("a")
	s := f.searcher()
	f.beforeEmbedding = func() { panic("broken") }
	req := search.Request{Query: "one?", Limit: 1}
	ctx, embed := s.EmbedTogether(t.Context(), "c", []search.Request{req}, semaphore.NewWeighted(1))
	embed()
	if _, err := s.Search(ctx, req); err == nil {
		t.Error("the search was answered")
	}
}
