package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestMatchesBySteps checks that searching in steps finds the same passages as
// comparing all.
func TestMatchesBySteps(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	words := rand.NewZipf(r, 1.05, 4, 2_000)
	text := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("w%d", words.Uint64())
		}
		return strings.Join(list, " ")
	}
	for i := range 20 {
		texts := make([]string, 300)
		for p := range texts {
			texts[p] = text(10)
		}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", fmt.Sprintf("d%d", i), r, texts...)); err != nil {
			t.Fatal(err)
		}
	}
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	found, all := 0, 0
	for n := range 40 {
		queries := question(t, s, sp, text(2+n%8))
		near, _, err := s.Matches(t.Context(), sp, queries, document.Filter{}, 20)
		if err != nil {
			t.Fatal(err)
		}
		exact, _, err := s.Matches(t.Context(), sp, queries, document.Filter{Sources: []string{"Wire"}}, 20) // the filter matches all passages
		if err != nil {
			t.Fatal(err)
		}
		names := map[document.PassageKey]bool{}
		for _, m := range near {
			names[m.PassageKey] = true
		}
		if len(names) != len(near) || len(near) != len(exact) {
			t.Errorf("%d matches of %d passages, want %d", len(near), len(names), len(exact))
		}
		for _, m := range exact {
			if all++; names[m.PassageKey] {
				found++
			}
		}
	}
	if share := float64(found) / float64(all); share < .98 || all < 400 {
		t.Errorf("found a share of %.3f of %d passages, want .98", share, all)
	}
}

// TestMatchesFrequentTerms checks that in a language with very many passages the rarest
// terms select the candidates, and that frequent terms still affect their order.
func TestMatchesFrequentTerms(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	const passages = 10_500
	texts := make([]string, passages)
	for i := range texts {
		texts[i] = "trade"
	}
	texts[7], texts[9_000] = "water rail", "water trade"
	if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", "d", r, texts...)); err != nil {
		t.Fatal(err)
	}
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int{"trade water": {9_000, 7}, "trade": {0, 1, 2}} {
		got, _, err := s.Matches(t.Context(), sp, question(t, s, sp, text), document.Filter{}, 3)
		if err != nil {
			t.Fatal(err)
		}
		var ordinals []int
		for _, m := range got {
			ordinals = append(ordinals, m.Ordinal)
		}
		if diff := gocmp.Diff(want, ordinals); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
