package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestNearestIsBruteForce checks that the result with each filter is that of brute
// force.
func TestNearestIsBruteForce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	all := corpusOf(t, s, sp, 60)
	r := newRand()
	for name, f := range filters {
		for _, limit := range []int{1, 10, 100} {
			vector := randomUnit(r)
			hits := nearest(t, s, sp, vector, f.filter, limit)
			want := bruteForce(all, vector, limit, f.keep)
			if diff := gocmp.Diff(want, rankedHits(hits), halves, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, limit %d (-want +got):\n%s", name, limit, diff)
			}
		}
	}
}

// TestWindowsOfOnePassage checks that a passage with very many near windows does not
// displace other passages.
func TestWindowsOfOnePassage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	in := newDocument("c", "d", r, "one", "two", "three")
	query := randomUnit(r)
	for range 2000 {
		in.Windows[1] = append(in.Windows[1], window(query))
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	hits := nearest(t, s, sp, query, document.Filter{}, 3)
	if len(hits) != 3 || hits[0].Passage.Text != "two" {
		t.Errorf("got %d hits, want all three passages, passage two first", len(hits))
	}
}
