package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestReplaceAndGet(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", newRand(), "First 段落.", "Second.")
	in.Document.Blocks = []document.Block{{Kind: document.KindHeading, Range: in.Passages[0].Range}}
	in.Document.PageStarts = []int{0, 3, 3}
	stored, before, err := s.ReplaceDocument(t.Context(), sp, in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.GetDocument(t.Context(), "c", "d", true)
	if err != nil {
		t.Fatal(err)
	}
	times := cmpopts.IgnoreFields(document.Document{}, "CreateTime", "UpdateTime")
	in.Document.IndexState = document.IndexComplete
	if diff := gocmp.Diff(in.Document, got, times); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if got.CreateTime.IsZero() || !got.UpdateTime.Equal(stored.UpdateTime) {
		t.Errorf("times: created %v, updated %v, want update %v", got.CreateTime, got.UpdateTime, stored.UpdateTime)
	}
	basic, err := s.GetDocument(t.Context(), "c", "d", false)
	if err != nil {
		t.Fatal(err)
	}
	want := in.Document
	want.Text, want.Blocks, want.PageStarts = "", nil, nil
	if diff := gocmp.Diff(want, basic, times, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("basic view (-want +got):\n%s", diff)
	}
	states, err := s.DocumentStates(t.Context(), sp, []string{"d"})
	if err != nil {
		t.Fatal(err)
	}
	state := states["d"]
	wantState := document.State{ETag: in.Document.ETag, ContentHash: in.ContentHash, CreateTime: stored.CreateTime, UpdateTime: stored.UpdateTime}
	if diff := gocmp.Diff([]document.State{{}, wantState}, []document.State{before, state}); diff != "" {
		t.Errorf("states before and after (-want +got):\n%s", diff)
	}
	if again, before, err := s.ReplaceDocument(t.Context(), sp, in); err != nil || before != state || !again.UpdateTime.Equal(stored.UpdateTime) {
		t.Errorf("second write: found %+v, updated %v, error %v, want nothing written", before, again.UpdateTime, err)
	}
}

// TestReplaceGivesPlaces checks that passages that are kept because their text is the same
// get the label paths and pages of the new version. This is needed after an upgrade from a
// version that stored none.
func TestReplaceGivesPlaces(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", newRand(), "First.", "Second.", "Third.")
	for version, paths := range [][][]string{{nil, nil, nil}, {nil, {"Chapter I", "\"1\""}, {"章"}}, {{"A"}, nil, nil}} {
		in.Document.ETag = fmt.Sprint("version ", version)
		for i := range in.Passages {
			in.Passages[i].LabelPath, in.Passages[i].Page, in.Passages[i].PageEnd = paths[i], version, version+i
		}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		in.Windows = nil // they stay
		var keys []document.PassageKey
		for i := range in.Passages {
			keys = append(keys, document.PassageKey{Document: "d", Ordinal: i})
		}
		got, _, err := s.GetPassages(t.Context(), "c", keys, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range in.Passages {
			if diff := gocmp.Diff(want, got[keys[i]]); diff != "" {
				t.Errorf("version %d, passage %d (-want +got):\n%s", version, i, diff)
			}
		}
	}
}

func TestReplaceLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	for _, in := range []document.Indexed{newDocument("c", "d", r, "one", "two", "three"), newDocument("c", "d", r, "four")} {
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10)
	if len(hits) != 1 || hits[0].Passage.Text != "four" || hits[0].Document.Collection != "c" {
		t.Errorf("got %d hits, want the one passage of the new document", len(hits))
	}
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); err != nil {
		t.Fatal(err)
	}
	if hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10); len(hits) != 0 {
		t.Errorf("after deleting: %d hits", len(hits))
	}
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("second delete: got %v, want ErrNotFound", err)
	}
}

// TestReplaceWithoutVectors checks that fields besides text and structure can be changed
// without vectors, and that text and structure cannot.
func TestReplaceWithoutVectors(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	in := newDocument("c", "d", newRand(), "one")
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	vector := in.Windows[0][0].Vector
	changed := in
	changed.Windows = nil
	changed.Document.ETag += " changed"
	changed.Document.Source, changed.Document.LanguageCode, changed.Document.PublishTime = "Other", "zh-Hant", time.Time{}
	other := changed
	other.ContentHash = "another hash"
	if _, _, err := s.ReplaceDocument(t.Context(), sp, other); !errors.Is(err, document.ErrChanged) {
		t.Errorf("with another hash: got %v, want ErrChanged", err)
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, changed); err != nil {
		t.Fatal(err)
	}
	filter := document.Filter{Sources: []string{"Other"}, Languages: []string{"zh-hant"}}
	hits := nearest(t, s, sp, vector, filter, 10)
	if len(hits) != 1 || hits[0].Passage.LanguageCode != "zh-Hant" || !hits[0].Document.PublishTime.IsZero() {
		t.Errorf("the filter columns were not updated: %+v", hits)
	}
}

// TestReplaceAtOnce checks that each of several concurrent writers sees the version before
// its own, and that an update time is never before the creation time.
func TestReplaceAtOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	const writers = 8
	var group errgroup.Group
	found := make(chan document.State, writers)
	for i := range writers {
		in := newDocument("c", "d", newRand(), fmt.Sprintf("text %d", i))
		in.Document.ETag = in.ContentHash
		group.Go(func() error {
			stored, before, err := s.ReplaceDocument(t.Context(), sp, in)
			if stored.UpdateTime.Before(stored.CreateTime) {
				t.Errorf("created %v, updated %v", stored.CreateTime, stored.UpdateTime)
			}
			found <- before
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	etags := map[string]bool{}
	for range writers {
		etags[(<-found).ETag] = true
	}
	if len(etags) != writers || !etags[""] {
		t.Errorf("%d writers found the states %v, want distinct ones, one of them empty", writers, etags)
	}
}
