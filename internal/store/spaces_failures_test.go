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

// TestFailedWindows checks that failed windows are stored with their reasons, and
// returned with the document and the space.
func TestFailedWindows(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", r, "Good.", "Bad.", "Half bad.")
	nan := &document.Failure{Reason: document.FailureBadVector, Message: "holds a number that is not finite"}
	in.Windows[1] = []document.Window{{Range: in.Passages[1].Range, Embedding: document.Embedding{Failure: nan}}}
	in.Windows[2] = []document.Window{
		{Range: in.Passages[2].Range, Embedding: document.Embedding{Failure: nan}},
		{Role: document.RoleSentences, Range: in.Passages[2].Range, Embedding: document.Embedding{Vector: randomUnit(r)}},
	}
	want := []document.WindowFailure{
		{Document: "d", Ordinal: 1, Range: in.Passages[1].Range, Failure: *nan},
		{Document: "d", Ordinal: 2, Range: in.Passages[2].Range, Failure: *nan},
	}
	for range 2 { // the second write is UNCHANGED
		d, _, err := s.ReplaceDocument(t.Context(), sp, in)
		if diff := cmp.Diff(want, d.Failures); diff != "" || err != nil {
			t.Errorf("failures returned by the write, error %v (-want +got):\n%s", err, diff)
		}
	}
	d, err := s.GetDocument(t.Context(), "c", "d", true)
	if diff := cmp.Diff(want, d.Failures); diff != "" || err != nil {
		t.Errorf("failures of the document, error %v (-want +got):\n%s", err, diff)
	}
	list, err := s.SpaceFailures(t.Context(), sp, 1)
	if diff := cmp.Diff(want[:1], list); diff != "" || err != nil {
		t.Errorf("failures of the space, error %v (-want +got):\n%s", err, diff)
	}
	checkProgress(t, s, sp, progress{State: space.Active, Documents: 1, Windows: 2, Failed: 2})
	if hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10); len(hits) != 2 {
		t.Errorf("%d passages with vectors found, want 2", len(hits))
	}
	replaceDocument(t, s, sp, newDocument("c", "d", r, "All good."))
	if d, err := s.GetDocument(t.Context(), "c", "d", true); err != nil || len(d.Failures) != 0 {
		t.Errorf("failures of the previous text: %v, error %v", d.Failures, err)
	}
	if diff := cmp.Diff([]space.Space(nil), nothingToBuild(t, s), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("spaces to build (-want +got):\n%s", diff)
	}
}
