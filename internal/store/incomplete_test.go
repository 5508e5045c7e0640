package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestNearestIncomplete checks that passages are compared one by one if an index returns
// too few, and that incomplete is true if there are too many for that.
func TestNearestIncomplete(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sp := newCollection(t, s, "c")
	r := newRand()
	query := randomUnit(r)
	in := newDocument("c", "d", r, strings.Split(strings.Repeat("text ", 39)+"text", " ")...)
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	filter := document.Filter{Sources: []string{"Wire"}}
	for exact, complete := range map[int]bool{1: false, 30: true} { // 40 passages are more than 1 × exactFactor, and fewer than 30 × exactFactor
		s, err := store.Open(store.Config{URL: url, HNSWMinRows: 1, ExactPassages: exact})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		waitFor(t, func() bool {
			sp = active(t, s)
			return len(sp.Calibration.Indexed) > 0
		})
		const limit = 50
		list, incomplete, err := s.Nearest(t.Context(), sp, query, evenly, filter, limit)
		if err != nil {
			t.Fatal(err)
		}
		if incomplete == complete || len(list) != len(in.Passages) {
			t.Errorf("with up to %d compared: %d passages, incomplete %v; want all, complete %v", 10*exact, len(list), incomplete, complete)
		}
	}
}

// TestMatchesIncomplete checks that more terms are searched if a filter matches few of the
// passages with the rarest terms, and that incomplete is true if those terms are too
// frequent.
func TestMatchesIncomplete(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{ExactPassages: 1})
	sp := newCollection(t, s, "c")
	texts := []string{"water"}
	for i := range 30 {
		texts = append(texts, fmt.Sprintf("trade w%d", i))
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", "d", newRand(), texts...)); err != nil {
		t.Fatal(err)
	}
	sp = active(t, s)
	terms := lexical.Terms("water trade", "en")
	for frequency, want := range map[int]int{50_000: 31, 500_000: 1} {
		counts := lexical.Counts{Passages: 1_000_000, Holding: map[int32]int{terms[0].ID(): 1, terms[1].ID(): frequency}}
		queries := map[string]lexical.Query{"en": lexical.NewQuery(terms, counts)}
		list, incomplete, err := s.Matches(t.Context(), sp, queries, document.Filter{Sources: []string{"Wire"}}, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != want || incomplete != (want == 1) {
			t.Errorf("a term in %d passages: %d found, incomplete %v; want %d", frequency, len(list), incomplete, want)
		}
	}
}
