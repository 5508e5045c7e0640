package search_test

import (
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestPossiblyIncomplete: if a leg that was used may have missed passages, the response
// reports it.
func TestPossiblyIncomplete(t *testing.T) {
	t.Parallel()
	one := map[document.PassageKey]float64{{Document: "a"}: 1}
	for _, test := range []struct {
		skipped, missed bool
		mode            search.Mode
		want            bool
	}{
		{false, false, search.ModeHybrid, false},
		{true, false, search.ModeHybrid, true},
		{false, true, search.ModeHybrid, true},
		{true, false, search.ModeSemantic, true},
		{false, true, search.ModeSemantic, false},
		{true, false, search.ModeLexical, false},
		{false, true, search.ModeLexical, true},
	} {
		f := &fakes{near: one, words: one, skipped: test.skipped, missed: test.missed}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 1, Mode: test.mode})
		if err != nil {
			t.Fatal(err)
		}
		if answer.PossiblyIncomplete != test.want {
			t.Errorf("%+v: possibly incomplete %v", test, answer.PossiblyIncomplete)
		}
	}
}
