package store_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestPassagesToCompare checks the terms and vectors of passages, and that deleted passages
// are left out.
func TestPassagesToCompare(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	in := newDocument("c", "a", r, "Trade in goods, trade in services.", "Fishing.")
	first, second := in.Windows[0][0].Vector, randomUnit(r)
	in.Windows[0] = append(in.Windows[0], window(second)) // a second piece
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	keys := []document.PassageKey{{Document: "gone", Ordinal: 0}, {Document: "a", Ordinal: 1}, {Document: "a", Ordinal: 0}, {Document: "a", Ordinal: 7}}
	terms, err := s.PassageTerms(t.Context(), sp, nil, keys)
	if err != nil {
		t.Fatal(err)
	}
	want := map[document.PassageKey]document.PassageTerms{}
	for _, p := range in.Passages {
		read := lexical.Terms(p.Text, "en")
		weights := lexical.Weights(read, math.Pow(1.1, 10)) // the power of 1.1 nearest to 2.5, the mean length of the two passages
		t := document.PassageTerms{Language: "en", IDs: slices.Sorted(maps.Keys(weights)), Length: len(read)}
		for _, id := range t.IDs {
			t.Weights = append(t.Weights, weights[id])
		}
		want[document.PassageKey{Document: "a", Ordinal: p.Ordinal}] = t
	}
	if diff := gocmp.Diff(want, terms); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
	vectors, err := s.PassageVectors(t.Context(), sp, keys)
	if err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 2 || !gocmp.Equal(first, vectors[keys[2]], halves) || !gocmp.Equal(in.Windows[1][0].Vector, vectors[keys[1]], halves) {
		t.Errorf("vectors %v, want those of the first windows", vectors)
	}
}
