package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestAround checks that the sentences and neighbours of passages are in the given order,
// and that there are none for documents that have changed.
func TestAround(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	in := newDocument("c", "d", r, "zero", "one", "two", "three")
	query := []float32{1, 0, 0, 0, 0, 0, 0, 0}
	ranges := map[string]document.TextRange{}
	for i, similarity := range []float32{.1, .8, .6, 0, .4, .7} { // the last window has the same sentences as the one before it
		w := document.Window{Role: document.RoleSentences, Embedding: document.Embedding{Vector: []float32{similarity, 1 - similarity, 0, 0, 0, 0, 0, 0}}}
		w.Range = document.TextRange{Start: min(i, 4), End: 9, StartByte: min(i, 4), EndByte: 9}
		in.Windows[2] = append(in.Windows[2], w)
		ranges[string(rune('0'+min(i, 4)))] = w.Range
	}
	other := newDocument("c", "replaced", r, "of before", "next")
	for _, d := range []document.Indexed{in, other} {
		if _, _, err := s.ReplaceDocument(t.Context(), sp, d); err != nil {
			t.Fatal(err)
		}
	}
	hits, err := s.Hits(t.Context(), sp, nil, query, []document.PassageKey{{Document: "d", Ordinal: 2}, {Document: "replaced"}, {Document: "d"}})
	if err != nil || len(hits) != 3 {
		t.Fatalf("%d hits, error %v", len(hits), err)
	}
	other.Document.ETag = "another"
	if _, _, err := s.ReplaceDocument(t.Context(), sp, other); err != nil {
		t.Fatal(err)
	}

	sentences := make([][]document.Sentences, len(hits))
	for i, h := range hits {
		sentences[i] = h.Nearest
	}
	want := [][]document.Sentences{{
		{Range: ranges["1"], Similarity: .8}, {Range: ranges["4"], Similarity: .7}, {Range: ranges["2"], Similarity: .6}, {Range: ranges["0"], Similarity: .1},
	}, nil, nil}
	if diff := gocmp.Diff(want, sentences, halves); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	around, err := s.Neighbours(t.Context(), sp, hits, 2)
	if err != nil {
		t.Fatal(err)
	}
	p := in.Passages
	if diff := gocmp.Diff([][]document.Passage{{p[0], p[1], p[3]}, nil, {p[1], p[2]}}, around); diff != "" {
		t.Errorf("neighbours (-want +got):\n%s", diff)
	}
}
