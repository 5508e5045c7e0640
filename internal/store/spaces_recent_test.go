package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestRecentSpace checks that the first batch of reads confirms the recent space, unless
// another server has changed it.
func TestRecentSpace(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, elsewhere := serverOn(t, url), serverOn(t, url)
	first, r := newCollection(t, s, "c"), newRand()
	centre := make([]float32, dimensions)
	replaceDocument(t, s, first, newDocument("c", "a", r, "One."))
	if _, _, confirmed := s.RecentSpace(t.Context(), "unknown"); confirmed != nil {
		t.Error("a space of an unknown collection")
	}
	search := func(ctx context.Context, sp space.Space) {
		t.Helper()
		if _, _, err := s.Nearest(ctx, sp, centre, calibrate.Scales{}, document.Filter{}, 10); err != nil {
			t.Fatal(err)
		}
	}
	check := func(after string, want bool) {
		t.Helper()
		reads, recent, confirmed := s.RecentSpace(t.Context(), "c")
		if confirmed == nil || confirmed() {
			t.Fatalf("%s: confirmed before anything was read", after)
		}
		if search(reads, recent); confirmed() != want {
			t.Errorf("%s: confirmed %v, want %v", after, !want, want)
		}
		sp, err := s.ActiveSpace(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		if same := cmp.Equal(sp, recent); same != want {
			t.Errorf("%s: the recent space is the active one: %v, want %v", after, same, want)
		}
	}
	if _, err := s.ActiveSpace(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	check("nothing", true)
	check("a search", true)
	inChinese := newDocument("c", "b", r, "一。")
	inChinese.Document.LanguageCode, inChinese.Passages[0].LanguageCode = "zh", "zh"
	replaceDocument(t, elsewhere, first, inChinese)
	check("a new language", false)
	if built, err := elsewhere.Recalibrate(t.Context(), stored(t, elsewhere, "c", first.ID)); !built || err != nil {
		t.Fatal(built, err)
	}
	check("a new generation", false)
	check("another search", true)
	if err := elsewhere.DeleteCollection(t.Context(), "c", true); err != nil {
		t.Fatal(err)
	}
	reads, recent, confirmed := s.RecentSpace(t.Context(), "c")
	_, _, _ = s.Nearest(reads, recent, centre, calibrate.Scales{}, document.Filter{}, 10) // fails if the table is gone already
	if confirmed() {
		t.Error("a deleted collection is confirmed")
	}
}

func serverOn(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
