package search_test

import (
	"slices"
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
	ctx := s.EmbedTogether(t.Context(), "c", reqs)
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
		reqs := []search.Request{{Query: "one?", Limit: 1}, {Query: "two?", Limit: 1}}
		ctx := s.EmbedTogether(t.Context(), "c", reqs)
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
