package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// enqueue stores a document without vectors.
func enqueue(t testing.TB, s *store.Store, sp space.Space, in document.Indexed) document.Document {
	t.Helper()
	in.Windows, in.Deferred = nil, true
	d, _, err := s.ReplaceDocument(t.Context(), sp, in)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// claim claims the documents that are due, for longer than a test takes.
func claim(t testing.TB, s *store.Store, id string) document.Claim {
	t.Helper()
	c, err := s.ClaimDocuments(t.Context(), id, time.Hour, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// begun begins a claimed document for the active space, and returns it with one window per
// passage. Windows whose text is in refused have no vector.
func begun(t testing.TB, s *store.Store, sp space.Space, id string, refused ...string) document.WindowsToAdd {
	t.Helper()
	u := begin(t, s, sp, id)
	built := document.WindowsToAdd{IncompleteDocument: u, Last: true}
	for i := range u.Passages {
		w := window(randomUnit(newRand()))
		if slices.Contains(refused, u.Passages[i].Text) {
			w.Embedding = document.Embedding{Failure: &document.Failure{Reason: document.FailureRejected, Message: "too odd"}}
		}
		built.Rows = append(built.Rows, document.PlacedWindow{Document: id, Passage: &u.Passages[i], Window: w})
	}
	return built
}

// addClaimed adds documents of a claim, and checks which of them have changed meanwhile.
func addClaimed(t testing.TB, s *store.Store, sp space.Space, claim string, list []document.WindowsToAdd, want ...string) {
	t.Helper()
	changed, err := s.AddClaimed(t.Context(), sp, claim, list)
	if diff := cmp.Diff(want, changed, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("changed, error %v (-want +got):\n%s", err, diff)
	}
}

// indexed is the index state of a document.
type indexed struct {
	State    document.IndexState
	Error    string
	Failures int
}

func checkIndexed(t testing.TB, s *store.Store, id string, want indexed) {
	t.Helper()
	d, err := s.GetDocument(t.Context(), "c", id, true)
	if diff := cmp.Diff(want, indexed{d.IndexState, d.IndexError, len(d.Failures)}); diff != "" || err != nil {
		t.Errorf("%s, error %v (-want +got):\n%s", id, err, diff)
	}
	list, err := s.ListDocuments(t.Context(), "c", document.Filter{Documents: []string{id}}, "", 1)
	if err != nil || len(list) != 1 || list[0].IndexState != want.State || list[0].IndexError != want.Error {
		t.Errorf("%s is listed as %+v, error %v", id, list, err)
	}
}

func checkQueue(t testing.TB, s *store.Store, want document.QueueStatus) {
	t.Helper()
	got, err := s.QueueStatus(t.Context(), "c", 10)
	if (got.Pending > 0) != !got.OldestPending.IsZero() {
		t.Errorf("%d documents wait, the oldest since %v", got.Pending, got.OldestPending)
	}
	got.OldestPending = time.Time{}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("queue, error %v (-want +got):\n%s", err, diff)
	}
}

// TestQueue checks that a document without vectors is found by its words, that it leaves
// the queue when it gets vectors, that failures are reported, and that failed documents can
// be queued again.
func TestQueue(t *testing.T) {
	t.Parallel()
	s, r := storetest.Open(t, store.Config{}), newRand()
	sp := newCollection(t, s, "c")
	for _, id := range []string{"whole", "part", "bad"} {
		if d := enqueue(t, s, sp, newDocument("c", id, r, "Good "+id+".", "Odd.")); d.IndexState != document.IndexPending {
			t.Errorf("%s has state %v", id, d.IndexState)
		}
		checkIndexed(t, s, id, indexed{State: document.IndexPending})
	}
	checkQueue(t, s, document.QueueStatus{Documents: 3, Pending: 3})
	fresh, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	query := lexical.Terms("good", "en")
	counts, err := s.TermCounts(t.Context(), fresh, map[string][]int32{"en": {query[0].ID()}})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Matches(t.Context(), fresh, map[string]lexical.Query{"en": lexical.NewQuery(query, counts["en"])}, document.Filter{}, 10)
	if err != nil || len(found) != 3 {
		t.Errorf("the search by words found %v, error %v", found, err)
	}

	if c := claim(t, s, "a"); c.Collection != "c" || !slices.Equal(c.Documents, []string{"bad", "part", "whole"}) {
		t.Fatalf("claimed %+v", c)
	}
	if c := claim(t, s, "b"); len(c.Documents) > 0 {
		t.Errorf("%v were claimed twice", c.Documents)
	}
	addClaimed(t, s, sp, "a", []document.WindowsToAdd{begun(t, s, sp, "whole"), begun(t, s, sp, "part", "Odd."), begun(t, s, sp, "bad", "Good bad.", "Odd.")})
	checkIndexed(t, s, "whole", indexed{State: document.IndexComplete})
	checkIndexed(t, s, "part", indexed{State: document.IndexPartial, Failures: 1})
	checkIndexed(t, s, "bad", indexed{State: document.IndexFailed, Error: "REJECTED: too odd", Failures: 2})
	checkQueue(t, s, document.QueueStatus{Documents: 3, Failed: 1, Partial: 1, Failures: []document.FailedDocument{{ID: "bad", Reason: "REJECTED: too odd"}}})
	if got := nearest(t, s, sp, randomUnit(newRand()), document.Filter{}, 10); len(got) != 3 {
		t.Errorf("%d passages are found by vectors, want 3", len(got))
	}

	// Writing the same document again does not retry it, but RetryFailed does.
	if d := enqueue(t, s, sp, newDocument("c", "bad", r, "Good bad.", "Odd.")); d.IndexState != document.IndexFailed || d.IndexError == "" {
		t.Errorf("after the second write, its state is %v: %s", d.IndexState, d.IndexError)
	}
	if c := claim(t, s, "c"); len(c.Documents) > 0 {
		t.Errorf("claimed %v, want none", c.Documents)
	}
	for _, want := range []int64{2, 0} {
		if n, err := s.RetryFailed(t.Context(), "c"); n != want || err != nil {
			t.Errorf("%d documents retried, error %v, want %d", n, err, want)
		}
	}
	checkIndexed(t, s, "bad", indexed{State: document.IndexPending})
	checkIndexed(t, s, "part", indexed{State: document.IndexPending})
	if got := nearest(t, s, sp, randomUnit(newRand()), document.Filter{}, 10); len(got) != 3 {
		t.Errorf("%d passages are found by vectors meanwhile, want 3", len(got))
	}
	claim(t, s, "d")
	addClaimed(t, s, sp, "d", []document.WindowsToAdd{begun(t, s, sp, "bad"), begun(t, s, sp, "part", "Good part.")})
	checkIndexed(t, s, "bad", indexed{State: document.IndexComplete})
	checkIndexed(t, s, "part", indexed{State: document.IndexPartial, Failures: 1})
	checkQueue(t, s, document.QueueStatus{Documents: 3, Partial: 1})
	if got := nearest(t, s, sp, randomUnit(newRand()), document.Filter{}, 10); len(got) != 5 {
		t.Errorf("%d passages are found by vectors, want 5", len(got))
	}
}

// TestQueueBesideWrites checks that if a document changes while it is claimed, vectors of
// the old version are never stored.
func TestQueueBesideWrites(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		change func(t *testing.T, s *store.Store, sp space.Space)
		gone   bool
		want   indexed
		waits  bool // whether the document waits again afterwards
	}{
		"replaced, to wait": {
			change: func(t *testing.T, s *store.Store, sp space.Space) {
				enqueue(t, s, sp, newDocument("c", "d", newRand(), "New."))
			},
			want: indexed{State: document.IndexPending}, waits: true,
		},
		"replaced with vectors": {
			change: func(t *testing.T, s *store.Store, sp space.Space) {
				replaceDocument(t, s, sp, newDocument("c", "d", newRand(), "New."))
			},
			want: indexed{State: document.IndexComplete},
		},
		"the same with vectors": {
			change: func(t *testing.T, s *store.Store, sp space.Space) {
				replaceDocument(t, s, sp, newDocument("c", "d", newRand(), "Old."))
			},
			want: indexed{State: document.IndexComplete},
		},
		"described in another language": {
			change: func(t *testing.T, s *store.Store, sp space.Space) {
				in := newDocument("c", "d", newRand(), "Old.")
				in.Document.LanguageCode, in.Document.ETag, in.Passages[0].LanguageCode = "es", "es", "es"
				enqueue(t, s, sp, in)
			},
			want: indexed{State: document.IndexPending}, waits: true,
		},
		"deleted": {
			change: func(t *testing.T, s *store.Store, _ space.Space) {
				if err := s.DeleteDocument(t.Context(), "c", "d", ""); err != nil {
					t.Fatal(err)
				}
			},
			gone: true,
		},
		"deleted and written again": {
			change: func(t *testing.T, s *store.Store, sp space.Space) {
				if err := s.DeleteDocument(t.Context(), "c", "d", ""); err != nil {
					t.Fatal(err)
				}
				enqueue(t, s, sp, newDocument("c", "d", newRand(), "Old."))
			},
			want: indexed{State: document.IndexPending}, waits: true,
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, store.Config{})
			sp := newCollection(t, s, "c")
			enqueue(t, s, sp, newDocument("c", "d", newRand(), "Old."))
			claim(t, s, "a")
			old := begun(t, s, sp, "d")
			test.change(t, s, sp)
			addClaimed(t, s, sp, "a", []document.WindowsToAdd{old}, "d")
			if err := s.ReleaseClaim(t.Context(), "a", 0); err != nil {
				t.Fatal(err)
			}
			if test.gone {
				if _, err := s.GetDocument(t.Context(), "c", "d", false); !errors.Is(err, document.ErrNotFound) {
					t.Errorf("error %v", err)
				}
				checkQueue(t, s, document.QueueStatus{})
				return
			}
			checkIndexed(t, s, "d", test.want)
			if c := claim(t, s, "b"); len(c.Documents) > 0 != test.waits {
				t.Errorf("claimed %v, waits %v", c.Documents, test.waits)
			}
			if test.waits {
				addClaimed(t, s, sp, "b", []document.WindowsToAdd{begun(t, s, sp, "d")})
				checkIndexed(t, s, "d", indexed{State: document.IndexComplete})
			}
			if got := nearest(t, s, sp, randomUnit(newRand()), document.Filter{}, 10); len(got) != 1 {
				t.Errorf("%d passages are found by vectors, want 1", len(got))
			}
		})
	}
}
