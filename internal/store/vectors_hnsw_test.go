package store_test

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestIndexedLanguages checks that a language with enough rows gets an index, and that
// searches over indexed and other languages still return the nearest passages. A few
// passages in pieces may be missed.
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

	// A store that opens a database with enough rows builds the index at once.
	indexed, err := store.Open(store.Config{URL: url, HNSWMinRows: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	waitFor(t, func() bool {
		sp = active(t, indexed)
		return len(sp.Calibration.Indexed) >= 3
	})
	if diff := gocmp.Diff([]string{"en", "es", "zh"}, sp.Calibration.Indexed); diff != "" {
		t.Fatalf("languages with an index (-want +got):\n%s", diff)
	}
	sp.Calibration.Indexed = sp.Calibration.Indexed[:2]
	r := newRand()
	for name, f := range filters {
		vector := randomUnit(r)
		hits := nearest(t, indexed, sp, vector, f.filter, 10)
		want := bruteForce(all, vector, 10, f.keep)
		// A passage whose pieces are about different subjects may be missed.
		found := 0
		for _, hit := range rankedHits(hits) {
			if slices.Contains(want, hit) {
				found++
			}
		}
		if len(hits) != len(want) || 5*found < 4*len(want) {
			t.Errorf("%s: %d found, %d of them among the nearest %d", name, len(hits), found, len(want))
		}
	}
}

// TestIndexAfterRewrites checks that dead rows in an index do not hide live ones.
func TestIndexAfterRewrites(t *testing.T) {
	t.Parallel()
	database := storetest.URL(t)
	s, err := store.Open(store.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := newCollection(t, s, "c")
	r := newRand()
	query := []float32{1, 0, 0, 0, 0, 0, 0, 0}
	similar := func(similarity float32) []float32 { // a vector with the given similarity to the query, in another direction each time
		v := randomUnit(r)
		v[0] = similarity
		return v
	}
	write := func(id string, passage, sentences float32) {
		in := newDocument("c", id, r, "text")
		in.ContentHash += fmt.Sprint(r.Int()) // otherwise the document would be unchanged and not written
		in.Windows[0] = []document.Window{window(similar(passage)), {Role: document.RoleSentences, Embedding: document.Embedding{Vector: similar(sentences)}}}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	const rows = 200 // more than an index scan returns
	for i := range rows {
		write(fmt.Sprintf("other%d", i), 0, 0)
	}
	write("best", -0.5, 1)
	// For few rows sorting is faster than reading an index, so sorting is turned off.
	indexed, err := store.Open(store.Config{URL: withoutSort(t, database), HNSWMinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer indexed.Close()
	waitFor(t, func() bool {
		sp = active(t, indexed)
		return len(sp.Calibration.Indexed) > 0
	})
	for range rows {
		write("best", -0.5, 1)
	}
	write("best", -0.5, 0.9) // the dead rows are nearer to the query
	hits := nearest(t, indexed, sp, query, document.Filter{}, 3)
	if len(hits) != 3 || hits[0].Document.ID != "best" {
		t.Errorf("%d hits, the first %+v; want 3, the best first", len(hits), hits[:min(1, len(hits))])
	}
}
