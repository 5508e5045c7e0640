package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// other returns a space of another model than newCollection's.
func other(collection string) space.Space {
	return space.Space{
		Collection: collection, ID: "other-1", Model: "other", Dimensions: 2, Server: "second", Profile: document.ModelProfile{Model: "other"},
		Windowing: space.WindowingSentences, WindowTokens: 100, Fingerprint: [][]float32{{1, 0}, {0, 1}},
	}
}

// stored returns a stored space, with the token limit of its windows.
func stored(t *testing.T, s *store.Store, collection, id string) space.Space {
	t.Helper()
	sp, err := s.Space(t.Context(), collection, id)
	if err != nil {
		t.Fatal(err)
	}
	sp.WindowTokens = 100
	return sp
}

// progress has the fields of a space.Status that checkProgress compares.
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

// TestSpaceIsBuilt checks that a space can be created beside the active one, built and
// activated, and that it can be deleted after the collection has switched back.
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

// TestWritesReachEverySpace checks that a write gives each space its windows or leaves the
// document to the builder, and that windows for a space that is no longer active are not
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

// TestSpacesComeAndGoBesideWrites checks that a writer sees all of a space or nothing of
// it.
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

// TestReferencesEndWithTheirSpaces checks that vectors of reference texts are deleted with
// the last space that has their id, because the next one may use another model.
func TestReferencesEndWithTheirSpaces(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	newCollection(t, s, "a")
	sp := newCollection(t, s, "b") // with the same id
	if err := s.AddReferenceTexts(t.Context(), sp, "en", windowsOf(referenceVectors(0))); err != nil {
		t.Fatal(err)
	}
	held := func() int {
		t.Helper()
		held, err := s.ReferenceTextsHeld(t.Context(), sp, "en")
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

func replaceDocument(t *testing.T, s *store.Store, sp space.Space, in document.Indexed) {
	t.Helper()
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
}
