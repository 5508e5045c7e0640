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

// TestNearestCounting checks that a search that counts and compares in one statement finds
// the same passages as other searches, whether few or many passages of an indexed language
// pass the filter.
func TestNearestCounting(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url, HNSWMinRows: 20, ExactPassages: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sp, r := newCollection(t, s, "c"), newRand()
	day := func(n int) time.Time { return time.Date(2024, 1, 1+n, 0, 0, 0, 0, time.UTC) }
	for n := range 40 {
		in := newDocument("c", string(rune('a'+n%26))+string(rune('a'+n/26)), r, "One.")
		in.Document.PublishTime = day(n)
		if n%8 == 0 {
			in.Document.LanguageCode, in.Passages[0].LanguageCode = "zh", "zh"
		}
		replaceDocument(t, s, sp, in)
	}
	if built, err := s.Recalibrate(t.Context(), sp); !built || err != nil {
		t.Fatal(built, err)
	}
	if sp = active(t, s); !slices.Equal(sp.Calibration.Indexed, []string{"en"}) {
		t.Fatalf("indexes of %v", sp.Calibration.Indexed)
	}
	for name, f := range map[string]document.Filter{
		"few":               between(day(3), day(12)),
		"ten":               between(day(1), day(12)),
		"many":              between(day(1), day(30)),
		"none":              between(day(50), day(60)),
		"few of a language": {Languages: []string{"zh"}, PublishedAfter: between(day(0), day(0)).PublishedAfter, PublishedBefore: between(day(0), day(30)).PublishedBefore},
	} {
		vector := randomUnit(r)
		want, _, err := s.Nearest(t.Context(), sp, vector, evenly, f, 100)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := s.Nearest(s.CountingOnce(t.Context(), f), sp, vector, evenly, f, 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, halves, cmpopts.EquateEmpty()); diff != "" || len(got) == 0 && name != "none" {
			t.Errorf("%s: %d passages (-alone +counting):\n%s", name, len(got), diff)
		}
	}
}

func between(after, before time.Time) document.Filter {
	return document.Filter{PublishedAfter: &after, PublishedBefore: &before}
}

// TestHitsAhead checks that only the first batch after a call of want also reads the hits.
func TestHitsAhead(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp, r := newCollection(t, s, "c"), newRand()
	replaceDocument(t, s, sp, newDocument("c", "d", r, "One.", "Two."))
	sp = active(t, s)
	vector, keys := randomUnit(r), []document.PassageKey{{Document: "d", Ordinal: 1}, {Document: "gone"}, {Document: "d"}}
	want, err := s.Hits(t.Context(), sp, vector, vector, keys)
	if err != nil || len(want) != 2 {
		t.Fatal(want, err)
	}
	reads, ask, read := s.HitsAhead(t.Context())
	if hits, keys := read(); hits != nil || keys != nil {
		t.Error("read before anything was asked for")
	}
	batch := func() {
		t.Helper()
		if _, err := s.PassageTerms(reads, sp, nil, keys); err != nil {
			t.Fatal(err)
		}
	}
	ask(sp, vector, vector, keys)
	batch()
	got, of := read()
	if diff := gocmp.Diff(want, got); diff != "" || !slices.Equal(of, keys) {
		t.Errorf("hits of %v (-want +got):\n%s", of, diff)
	}
	batch() // does not read them again
	if again, _ := read(); len(again) != len(want) {
		t.Errorf("%d hits after another batch", len(again))
	}
	reads, ask, read = s.HitsAhead(t.Context())
	ask(sp, vector, vector, keys)
	if hits, _ := read(); hits != nil {
		t.Error("read without a batch")
	}
	batch()
	if hits, _ := read(); hits != nil {
		t.Error("read although they were given up")
	}
}
