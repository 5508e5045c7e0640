package search_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
)

// panicking is a store in which the methods named in it panic.
type panicking struct {
	*fakes
	method string
}

// TermCounts implements search.TermIndex.
func (p panicking) TermCounts(ctx context.Context, sp space.Space, terms map[string][]int32) (map[string]lexical.Counts, error) {
	if p.method == "TermCounts" {
		panic("no counts")
	}
	return p.fakes.TermCounts(ctx, sp, terms)
}

// Neighbours implements search.PassageReader.
func (p panicking) Neighbours(ctx context.Context, sp space.Space, hits []document.Hit, n int) ([][]document.Passage, error) {
	if p.method == "Neighbours" {
		panic("no neighbours")
	}
	return p.fakes.Neighbours(ctx, sp, hits, n)
}

// TestPanicFailsTheCall checks that a panic in a goroutine of a search becomes an error of
// that search, or a degradation if it is in the lexical leg.
func TestPanicFailsTheCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method   string
		mode     search.Mode
		degraded bool
	}{
		{"Neighbours", search.ModeHybrid, false},
		{"TermCounts", search.ModeLexical, false},
		{"TermCounts", search.ModeHybrid, true},
	} {
		f := &fakes{near: map[document.PassageKey]float64{{Document: "a"}: .5}}
		p := panicking{f, test.method}
		s := search.New(search.Config{
			Vectors: p, Terms: p, Both: p, Passages: p, Calibrations: p,
			Spaces: f, Embedder: f, Calibrator: f,
			VectorTimeout: time.Second, QueryCacheSize: 2, Logger: slog.New(slog.DiscardHandler),
		})
		resp, err := s.Search(t.Context(), search.Request{Query: "q", Mode: test.mode, Limit: 1, Context: 1})
		var panicked *guard.PanicError
		if got := errors.As(err, &panicked); got == test.degraded {
			t.Errorf("%s panics, mode %v: error %v", test.method, test.mode, err)
		}
		if err == nil && !slices.Contains(resp.Degraded, search.LexicalUnavailable) {
			t.Errorf("%s panics, mode %v: degraded %v", test.method, test.mode, resp.Degraded)
		}
	}
}
