package store_test

import (
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestNearestIsBruteForce checks that the result with each filter equals that of brute
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

// TestSentences checks that the best window of each role counts, and that for a passage
// without windows of two sentences the whole text counts for both.
func TestSentences(t *testing.T) {
	t.Parallel()
	s, _ := openAt(t)
	sp := newCollection(t, s, "c")
	axis := func(similarity float64) []float32 {
		v := make([]float32, dimensions)
		v[0], v[1] = float32(similarity), float32(math.Sqrt(1-similarity*similarity))
		return v
	}
	pair := func(similarity float64) document.Window {
		return document.Window{Role: document.RoleSentences, Embedding: document.Embedding{Vector: axis(similarity)}}
	}
	in := newDocument("c", "d", newRand(), "one", "two", "three")
	in.Windows = [][]document.Window{
		{window(axis(.5)), window(axis(.3)), pair(.9), pair(.1)},
		{window(axis(.6)), pair(.2)},
		{window(axis(.4))},
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	candidate := func(ordinal int, passage, window float64) document.Candidate {
		return document.Candidate{
			PassageKey: document.PassageKey{Document: "d", Ordinal: ordinal}, Language: "en", Passage: passage, Window: window,
			Signature: document.SignatureOf(lexical.IDs(lexical.Terms(in.Passages[ordinal].Text, "en"))),
		}
	}
	first, second, third := candidate(0, .5, .9), candidate(1, .6, .2), candidate(2, .4, .4)
	normal := func(deviation float64) calibrate.Normal { return calibrate.Normal{Deviation: deviation} }
	for _, tc := range []struct {
		name  string
		scale calibrate.Scale
		want  []document.Candidate
	}{
		{"alike", calibrate.Scale{Passage: normal(1), Window: normal(1)}, []document.Candidate{first, third, second}},
		{"windows that vary much count little", calibrate.Scale{Passage: normal(.1), Window: normal(10)}, []document.Candidate{second, first, third}},
	} {
		got, _, err := s.Nearest(t.Context(), sp, axis(1), calibrate.Scales{"en": tc.scale, calibrate.Fallback: {}}, document.Filter{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(tc.want, got, halves); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	keys := []document.PassageKey{third.PassageKey, {Document: "gone"}, first.PassageKey}
	got, err := s.Similarities(t.Context(), sp, axis(1), keys)
	if err != nil {
		t.Fatal(err)
	}
	first.Signature, third.Signature = document.Signature{}, document.Signature{} // they are not read
	byOrdinal := cmpopts.SortSlices(func(a, b document.Candidate) bool { return a.Ordinal < b.Ordinal })
	if diff := gocmp.Diff([]document.Candidate{first, third}, got, byOrdinal, halves); diff != "" {
		t.Errorf("similarities (-want +got):\n%s", diff)
	}
}

// TestNearestPair checks that the nearest two sentences of a passage count, wherever they are
// among one to ten pairs.
func TestNearestPair(t *testing.T) {
	t.Parallel()
	s, _ := openAt(t)
	sp := newCollection(t, s, "c")
	axis := func(n int) (v []float32) {
		v = make([]float32, dimensions)
		v[n] = 1
		return v
	}
	const most = 10
	in := newDocument("c", "d", newRand(), make([]string, most*(most+1)/2)...)
	in.Windows = nil
	for pairs := 1; pairs <= most; pairs++ {
		for nearest := range pairs {
			windows := []document.Window{window(axis(1))}
			for i := range pairs {
				w := window(axis(1))
				if i == nearest {
					w = window(axis(0))
				}
				w.Role = document.RoleSentences
				windows = append(windows, w)
			}
			in.Windows = append(in.Windows, windows)
		}
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	got, _, err := s.Nearest(t.Context(), sp, axis(0), calibrate.Scales{"en": {}, calibrate.Fallback: {}}, document.Filter{}, len(in.Windows))
	if err != nil || len(got) != len(in.Windows) {
		t.Fatalf("%d of %d passages, error %v", len(got), len(in.Windows), err)
	}
	for _, c := range got {
		if c.Passage != 0 || c.Window != 1 {
			t.Errorf("passage %d: similarities %v and %v, want 0 and 1", c.Ordinal, c.Passage, c.Window)
		}
	}
}
