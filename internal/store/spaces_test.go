package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// other returns a space of another model than that of newCollection.
func other(collection string) space.Space {
	return space.Space{
		Collection: collection, ID: "other-1", Model: "other", Dimensions: 2, Server: "second", Profile: json.RawMessage(`{"model": "other"}`),
		Windowing: space.WindowingSentences, WindowTokens: 100, Fingerprint: [][]float32{{1, 0}, {0, 1}},
	}
}

// stored returns a space as it is stored, with the token limit of its windows.
func stored(t *testing.T, s *store.Store, collection, id string) space.Space {
	t.Helper()
	sp, err := s.Space(t.Context(), collection, id)
	if err != nil {
		t.Fatal(err)
	}
	sp.WindowTokens = 100
	return sp
}

// progress is the progress in the status of a space.
type progress struct {
	State                               space.State
	Documents, Pending, Windows, Failed int64
}

func checkProgress(t *testing.T, s *store.Store, sp space.Space, want progress) {
	t.Helper()
	st, err := s.SpaceStatus(t.Context(), sp.Collection, sp.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, progress{st.State, st.Documents, st.Pending, st.Windows, st.Failed}); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// begin begins a document with one window per passage for a space. The result is empty
// if the document is gone or held.
func begin(t testing.TB, s *store.Store, sp space.Space, id string) (u document.Unbuilt) {
	t.Helper()
	list, rest, err := s.BeginDocuments(t.Context(), sp, []string{id}, func(p []document.Passage) int { return len(p) })
	if err != nil || len(list) > 1 || len(rest) > 0 {
		t.Fatalf("begun %v, left %v, error %v", list, rest, err)
	}
	for _, u = range list {
	}
	return u
}

// buildDocument adds all windows of a document that a space lacks, one per call. It
// returns how many the space held already.
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
		built := document.Built{Unbuilt: u, Rows: []document.PlacedWindow{row}, Last: i == len(u.Passages)-1}
		if changed, err := s.AddWindows(t.Context(), sp, "builder", []document.Built{built}); err != nil || len(changed) > 0 {
			t.Fatalf("changed %v, error %v", changed, err)
		}
	}
	return len(u.Held)
}

// TestSpaceIsBuilt follows a space from its creation beside the active one to its
// activation, then switches back, and deletes it.
func TestSpaceIsBuilt(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	first := newCollection(t, s, "c")
	for i := range 3 {
		replaceDocument(t, s, first, newDocument("c", fmt.Sprintf("d%d", i), r, "One.", "Two."))
	}
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateSpace(t.Context(), other("c")); !errors.Is(err, document.ErrAlreadyExists) {
		t.Errorf("second creation: %v, want ErrAlreadyExists", err)
	}
	second := stored(t, s, "c", "other-1")
	if fingerprint, err := s.Fingerprint(t.Context(), second); err != nil || !cmp.Equal(fingerprint, other("c").Fingerprint) {
		t.Errorf("fingerprint %v, error %v", fingerprint, err)
	}
	checkProgress(t, s, second, progress{State: space.Building, Documents: 3, Pending: 3})
	if err := s.ActivateSpace(t.Context(), "c", "other-1"); !errors.Is(err, space.ErrNotReady) {
		t.Errorf("activating an empty space: %v, want ErrNotReady", err)
	}

	buildDocument(t, s, second, "d0", 2)
	buildDocument(t, s, second, "d1", 1)
	checkProgress(t, s, second, progress{State: space.Building, Documents: 3, Pending: 2, Windows: 2})
	if ready, err := s.MakeReady(t.Context(), second); ready || err != nil {
		t.Errorf("ready %v with documents pending, error %v", ready, err)
	}
	if held := buildDocument(t, s, second, "d1", 1); held != 1 {
		t.Errorf("%d windows held of a document that was begun, want 1", held)
	}
	buildDocument(t, s, second, "d2", 2)
	checkProgress(t, s, second, progress{State: space.Building, Documents: 3, Windows: 6})
	if err := s.ActivateSpace(t.Context(), "c", "other-1"); !errors.Is(err, space.ErrNotReady) {
		t.Errorf("activating a space that is not READY: %v, want ErrNotReady", err)
	}
	if ready, err := s.MakeReady(t.Context(), second); !ready || err != nil {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	checkProgress(t, s, second, progress{State: space.Ready, Documents: 3, Windows: 6})

	for _, id := range []string{"other-1", "test-1", "other-1"} {
		if err := s.ActivateSpace(t.Context(), "c", id); err != nil {
			t.Fatal(err)
		}
		if sp, err := s.ActiveSpace(t.Context(), "c"); err != nil || sp.ID != id {
			t.Errorf("active space %s, error %v, want %s", sp.ID, err, id)
		}
	}
	checkProgress(t, s, first, progress{State: space.Retired, Documents: 3, Windows: 6})
	if hits := nearest(t, s, stored(t, s, "c", "other-1"), []float32{0, 1}, document.Filter{}, 10); len(hits) != 6 {
		t.Errorf("%d passages found in the space that is active now, want 6", len(hits))
	}
	if err := s.DeleteSpace(t.Context(), "c", "other-1"); !errors.Is(err, space.ErrActive) {
		t.Errorf("deleting the active space: %v, want ErrActive", err)
	}
	if err := s.DeleteSpace(t.Context(), "c", "test-1"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := s.PassageCounts(t.Context(), first); errors.Is(err, document.ErrChanged) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("reading a deleted space: %v, want ErrChanged", err)
		}
	}
	list, err := s.SpaceStatuses(t.Context(), "c", "", 10)
	if err != nil || len(list) != 1 || list[0].ID != "other-1" || list[0].ActivateTime.IsZero() {
		t.Errorf("spaces %+v, error %v", list, err)
	}
}

// TestWritesReachEverySpace checks that a write gives each space its windows or leaves
// the document to the builder, and that windows for the previously active space are not
// enough.
func TestWritesReachEverySpace(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	first := newCollection(t, s, "c")
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	second := stored(t, s, "c", "other-1")
	both := newDocument("c", "d", r, "Both.")
	both.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}, "gone": nil}
	replaceDocument(t, s, first, both)
	if ready, err := s.MakeReady(t.Context(), second); !ready || err != nil {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	checkProgress(t, s, second, progress{State: space.Ready, Documents: 1, Windows: 1})

	behind := newDocument("c", "d", r, "Behind.")
	replaceDocument(t, s, first, behind)
	checkProgress(t, s, second, progress{State: space.Building, Documents: 1, Pending: 1})
	if hits := nearest(t, s, second, []float32{1, 0}, document.Filter{}, 10); len(hits) != 0 {
		t.Errorf("the space finds %d passages of a replaced text", len(hits))
	}
	if list, err := s.SpacesToBuild(t.Context()); err != nil || len(list) != 1 || list[0].ID != "other-1" {
		t.Errorf("spaces to build %v, error %v", list, err)
	}
	if ids, err := s.DocumentsToBuild(t.Context(), second, "", 10); err != nil || !cmp.Equal(ids, []string{"d"}) {
		t.Errorf("documents to build %v, error %v", ids, err)
	}
	buildDocument(t, s, second, "d", 1)
	if err := s.ActivateSpace(t.Context(), "c", "other-1"); err != nil {
		t.Fatal(err)
	}

	again := newDocument("c", "d", r, "Again.")
	if _, _, err := s.ReplaceDocument(t.Context(), first, again); !errors.Is(err, document.ErrChanged) {
		t.Errorf("a write for the previously active space only: %v, want ErrChanged", err)
	}
	again.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}}
	replaceDocument(t, s, first, again)
	checkProgress(t, s, first, progress{State: space.Retired, Documents: 1, Windows: 1})
	checkProgress(t, s, second, progress{State: space.Active, Documents: 1, Windows: 1})
}

// TestBuilders checks that one builder at a time holds a space, and adds nothing to a
// document that was written after it was begun.
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
		changed, err := s.AddWindows(t.Context(), sp, builder, []document.Built{{Unbuilt: u, Rows: []document.PlacedWindow{row}, Last: last}})
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
	if anew := begin(t, s, cutOtherwise, "d"); len(anew.Held) != 0 {
		t.Errorf("%d windows that were cut in another way are held", len(anew.Held))
	}
	replaceDocument(t, s, first, newDocument("c", "d", r, "Another text."))
	add("a", true, "d")
	if err := s.ReleaseSpace(t.Context(), sp, "a"); err != nil {
		t.Fatal(err)
	}
	hold("b", true)
}

// TestSpacesComeAndGoBesideWrites checks that writers see a space completely or not at
// all.
func TestSpacesComeAndGoBesideWrites(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	first := newCollection(t, s, "c")
	var writers sync.WaitGroup
	done := make(chan struct{})
	for writer := range 3 {
		writers.Go(func() {
			r := newRand()
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				in := newDocument("c", fmt.Sprintf("d%d", writer), r, fmt.Sprintf("Text %d.", i))
				if _, _, err := s.ReplaceDocument(t.Context(), first, in); err != nil {
					t.Errorf("write %d: %v", i, err)
					return
				}
			}
		})
	}
	for range 20 {
		if err := s.CreateSpace(t.Context(), other("c")); err != nil {
			t.Error(err)
		}
		if err := s.DeleteSpace(t.Context(), "c", "other-1"); err != nil {
			t.Error(err)
		}
	}
	close(done)
	writers.Wait()
}

// TestBackgroundEndsWithItsSpaces checks that vectors of background texts are deleted
// with the last space of their id, because the next one may use another model.
func TestBackgroundEndsWithItsSpaces(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	newCollection(t, s, "a")
	sp := newCollection(t, s, "b") // of the same id
	if err := s.AddBackground(t.Context(), sp, "en", windowsOf(background(0))); err != nil {
		t.Fatal(err)
	}
	held := func() int {
		t.Helper()
		held, err := s.BackgroundHeld(t.Context(), sp, "en")
		if err != nil {
			t.Fatal(err)
		}
		return len(held)
	}
	all := held()
	for _, step := range []struct {
		collection string
		want       int
	}{{"a", all}, {"b", 0}} {
		if err := s.DeleteCollection(t.Context(), step.collection, true); err != nil {
			t.Fatal(err)
		}
		if got := held(); got != step.want || all == 0 {
			t.Errorf("after %s was deleted %d of %d windows are held, want %d", step.collection, got, all, step.want)
		}
	}
}

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

func replaceDocument(t *testing.T, s *store.Store, sp space.Space, in document.Indexed) {
	t.Helper()
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
}

func nothingToBuild(t *testing.T, s *store.Store) []space.Space {
	t.Helper()
	list, err := s.SpacesToBuild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
