package store_test

import (
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// addQueries stores a reference query of each form.
func addQueries(t *testing.T, s *store.Store, sp space.Space, language string) {
	t.Helper()
	queries := []document.ReferenceQuery{
		{Form: document.ShortQuery, Vector: corner(sp, 0)}, {Form: document.WholeQuestion, Vector: corner(sp, 1)},
	}
	for range 2 { // adding twice changes nothing
		if err := s.AddReferenceQueries(t.Context(), sp, language, queries); err != nil {
			t.Fatal(err)
		}
	}
	want := map[[2]int]bool{{0, 0}: true, {1, 0}: true}
	held, err := s.ReferenceQueriesHeld(t.Context(), sp, language)
	if diff := gocmp.Diff(want, held); diff != "" || err != nil {
		t.Fatalf("held (-want +got):\n%s error %v", diff, err)
	}
}

// TestLearnQueries checks that a generation has no languages as long as no reference
// queries are stored, and that LearnLanguage later adds a language with their statistics.
func TestLearnQueries(t *testing.T) {
	t.Parallel()
	s, _ := openAt(t)
	corpusOf(t, s, newCollection(t, s, "c"), 10)
	sp := recalibrate(t, s)
	if len(sp.Calibration.Languages) > 0 {
		t.Fatalf("without reference queries the calibration has the languages %v", sp.Calibration.Languages)
	}
	windows := windowsOf(referenceVectors(0))
	addQueries(t, s, sp, "en")
	if err := s.AddReferenceTexts(t.Context(), sp, "en", windows); err != nil {
		t.Fatal(err)
	}
	if kept, err := s.LearnLanguage(t.Context(), sp, "en", len(windows)); !kept || err != nil {
		t.Fatalf("kept %v, error %v", kept, err)
	}
	if diff := gocmp.Diff([]string{"en"}, active(t, s).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	c, err := s.Calibration(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	queries := c.Languages["en"].Queries
	if diff := gocmp.Diff(corner(sp, 0), queries.Short); diff != "" {
		t.Errorf("mean of short queries (-want +got):\n%s", diff)
	}
	if queries.Null.Mean <= 0 || queries.Null.Deviation <= 0 || c.Null("en") != queries.Null {
		t.Errorf("null %+v", queries.Null)
	}
}

// TestLikeness checks that every given passage is compared, and that deleted passages are
// left out.
func TestLikeness(t *testing.T) {
	t.Parallel()
	s, _ := openAt(t)
	corpusOf(t, s, newCollection(t, s, "c"), 10)
	sp := recalibrate(t, s)
	found, _, err := s.Nearest(t.Context(), sp, make([]float32, sp.Dimensions), calibrate.Calibration{}.Scales(nil), document.Filter{}, 5)
	if err != nil || len(found) < 3 {
		t.Fatalf("%d passages, error %v", len(found), err)
	}
	keys := []document.PassageKey{{Document: "gone"}}
	for _, f := range found {
		keys = append(keys, f.PassageKey)
	}
	vectors, err := s.PassageVectors(t.Context(), sp, keys)
	if err != nil {
		t.Fatal(err)
	}
	likeness, err := s.Likeness(t.Context(), sp, keys[1], keys)
	if err != nil {
		t.Fatal(err)
	}
	if len(likeness) != len(found) {
		t.Errorf("%d of %d passages were compared", len(likeness), len(found))
	}
	for key, got := range likeness {
		want := 0.
		for i, x := range vectors[key] {
			want += float64(x) * float64(vectors[keys[1]][i])
		}
		if got < want-1e-3 || got > 1+1e-3 { // a later piece may be more similar than the first
			t.Errorf("%v: %v, want at least the first piece's %v", key, got, want)
		}
	}
	if got := likeness[keys[1]]; math.Abs(got-1) > 1e-3 {
		t.Errorf("a passage has a likeness of %v to itself", got)
	}
}
