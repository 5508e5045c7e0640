package store_test

import (
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestIndexedLanguages: once a language has enough rows it gets an index, and
// searches over indexed and other languages together still give the nearest.
func TestIndexedLanguages(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	plain, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	sp := newCollection(t, plain, "c")
	all := corpusOf(t, plain, sp, 200)

	// A store that opens over rows enough builds at once.
	indexed, err := store.Open(store.Config{URL: url, HNSWMinRows: 200})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	for len(indexed.IndexedLanguages(sp)) < 2 {
		select {
		case <-t.Context().Done():
			t.Fatal("no index was built")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if diff := gocmp.Diff([]string{"en", "es"}, indexed.IndexedLanguages(sp)); diff != "" {
		t.Fatalf("languages with an index (-want +got):\n%s", diff)
	}
	r := newRand()
	for name, f := range filters {
		vector := randomUnit(r)
		hits, err := indexed.Nearest(t.Context(), sp, vector, f.filter, 10)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := bruteForce(all, vector, 10, f.keep)
		if diff := gocmp.Diff(want, rankedHits(hits), cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestIndexAfterRewrites: rows that rewrites left dead in an index do not hide
// the passages that there are.
func TestIndexAfterRewrites(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url, HNSWMinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := newCollection(t, s, "c")
	r := newRand()
	query := randomUnit(r)
	near := func() []float32 { // nearer than anything else
		v := slices.Clone(query)
		v[0] += 0.01 * r.Float32()
		return v
	}
	in := newDocument("c", "d", r, "one", "two", "three")
	write := func() {
		in.ContentHash += "+"
		for i := range in.Vectors {
			in.Vectors[i][0] = near()
		}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	write()
	indexed, err := store.Open(store.Config{URL: url, HNSWMinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	for len(indexed.IndexedLanguages(sp)) == 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("no index was built")
		case <-time.After(10 * time.Millisecond):
		}
	}
	for range 200 { // more dead rows than an index scan gives
		write()
	}
	hits, err := indexed.Nearest(t.Context(), sp, query, document.Filter{}, 3)
	if err != nil || len(hits) != 3 {
		t.Errorf("%d hits of 3, error %v", len(hits), err)
	}
}
