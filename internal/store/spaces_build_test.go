package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// begin begins a document with one window per passage for a space. The result is empty if
// the document is gone or the space has it already.
func begin(t testing.TB, s *store.Store, sp space.Space, id string) (u document.IncompleteDocument) {
	t.Helper()
	list, rest, err := s.BeginDocuments(t.Context(), sp, []string{id}, func(p []document.Passage) int { return len(p) })
	if err != nil || len(list) > 1 || len(rest) > 0 {
		t.Fatalf("begun %v, left %v, error %v", list, rest, err)
	}
	for _, u = range list {
	}
	return u
}

// buildDocument adds windows of a document that a space lacks, at most the given number,
// each in a call of its own. It returns how many windows the space already had.
func buildDocument(t *testing.T, s *store.Store, sp space.Space, id string, most int) (held int) {
	t.Helper()
	if ok, err := s.HoldSpace(t.Context(), sp, "builder"); err != nil || !ok {
		t.Fatalf("held %v, error %v", ok, err)
	}
	u := begin(t, s, sp, id)
	for i := range u.Passages {
		if u.Held[[2]int{i, 0}] {
			continue
		}
		if most--; most < 0 {
			break
		}
		row := document.PlacedWindow{
			Document: id, Passage: &u.Passages[i],
			Window: document.Window{Range: u.Passages[i].Range, Embedding: document.Embedding{Vector: []float32{0, 1}}},
		}
		built := document.WindowsToAdd{IncompleteDocument: u, Rows: []document.PlacedWindow{row}, Last: i == len(u.Passages)-1}
		if changed, err := s.AddWindows(t.Context(), sp, "builder", []document.WindowsToAdd{built}); err != nil || len(changed) > 0 {
			t.Fatalf("changed %v, error %v", changed, err)
		}
	}
	return len(u.Held)
}

func nothingToBuild(t *testing.T, s *store.Store) []space.Space {
	t.Helper()
	list, err := s.SpacesToBuild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestBuilders checks that only one builder at a time holds a space, and that a builder
// adds nothing to a document that was written after it was begun.
func TestBuilders(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	first := newCollection(t, s, "c")
	replaceDocument(t, s, first, newDocument("c", "d", r, "One.", "Two."))
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	sp := stored(t, s, "c", "other-1")
	hold := func(builder string, want bool) {
		t.Helper()
		if held, err := s.HoldSpace(t.Context(), sp, builder); err != nil || held != want {
			t.Errorf("builder %s: held %v, error %v, want %v", builder, held, err, want)
		}
	}
	hold("a", true)
	hold("b", false)
	hold("a", true)
	u := begin(t, s, sp, "d")
	if len(u.Passages) != 2 || len(u.Held) != 0 {
		t.Fatalf("begun %+v", u)
	}
	add := func(builder string, last bool, want ...string) {
		t.Helper()
		row := document.PlacedWindow{Document: "d", Passage: &u.Passages[0], Window: window([]float32{1, 0})}
		changed, err := s.AddWindows(t.Context(), sp, builder, []document.WindowsToAdd{{IncompleteDocument: u, Rows: []document.PlacedWindow{row}, Last: last}})
		if diff := cmp.Diff(want, changed, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("changed documents after %s added windows, error %v (-want +got):\n%s", builder, err, diff)
		}
	}
	add("b", false, "d")
	add("a", false)
	sp.WindowTokens = 50
	add("a", false, "d") // cut in another way than the stored windows
	sp.WindowTokens = 0
	cutOtherwise := sp
	cutOtherwise.WindowTokens = 50
	if again := begin(t, s, cutOtherwise, "d"); len(again.Held) != 0 {
		t.Errorf("%d windows that were cut in another way are held", len(again.Held))
	}
	replaceDocument(t, s, first, newDocument("c", "d", r, "Another text."))
	add("a", true, "d")
	if err := s.ReleaseSpace(t.Context(), sp, "a"); err != nil {
		t.Fatal(err)
	}
	hold("b", true)
}
