package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

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
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs)
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
		ctx, embed := s.EmbedTogether(t.Context(), "c", reqs)
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
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs)
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
	ctx, embed := s.EmbedTogether(t.Context(), "c", reqs)
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

// TestEmbedTogetherPanics: a panic while vectors are made fails the searches, which do not wait
// forever.
func TestEmbedTogetherPanics(t *testing.T) {
	t.Parallel()
	f := found("a")
	s := f.searcher()
	f.beforeEmbedding = func() { panic("broken") }
	req := search.Request{Query: "one?", Limit: 1}
	ctx, embed := s.EmbedTogether(t.Context(), "c", []search.Request{req})
	embed()
	if _, err := s.Search(ctx, req); err == nil {
		t.Error("the search was answered")
	}
}
