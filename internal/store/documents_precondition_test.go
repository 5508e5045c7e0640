package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestPreconditionAtOnce checks that of several writers with the same precondition, each on
// its own connection, exactly one writes.
func TestPreconditionAtOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	const writers = 8
	race := func(p document.Precondition, deferred bool) (stored string) {
		t.Helper()
		var (
			wait sync.WaitGroup
			errs [writers]error
		)
		for i := range writers {
			in := newDocument("c", "d", newRand(), fmt.Sprintf("%+v %v %d", p, deferred, i))
			in.Document.ETag, in.Precondition, in.Deferred = in.ContentHash, p, deferred
			wait.Go(func() {
				_, _, errs[i] = s.ReplaceDocument(t.Context(), sp, in)
			})
		}
		wait.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, document.ErrPrecondition) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%+v: %d writers succeeded, want 1", p, won)
		}
		d, err := s.GetDocument(t.Context(), "c", "d", false)
		if err != nil {
			t.Fatal(err)
		}
		return d.ETag
	}
	created := race(document.Precondition{MustNotExist: true}, false)
	replaced := race(document.Precondition{ETag: created}, false)
	deferred := race(document.Precondition{ETag: replaced}, true)
	if err := s.DeleteDocument(t.Context(), "c", "d", replaced); !errors.Is(err, document.ErrPrecondition) {
		t.Errorf("delete with an old etag: error %v", err)
	}
	if err := s.DeleteDocument(t.Context(), "c", "d", deferred); err != nil {
		t.Errorf("delete with the current etag: %v", err)
	}
}

// TestPreconditionInGroup checks that if the precondition of a document in a group does not
// hold, only that document fails, and it is not changed.
func TestPreconditionInGroup(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	before, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", "stored", r, "Old text."))
	if err != nil {
		t.Fatal(err)
	}
	group := []document.Indexed{newDocument("c", "a", r, "New."), newDocument("c", "stored", r, "New text."), newDocument("c", "b", r, "New.")}
	for i := range group {
		group[i].Document.ETag, group[i].Precondition = fmt.Sprint("new ", i), document.Precondition{MustNotExist: true}
	}
	out := s.ReplaceDocuments(t.Context(), sp, group)
	var resource *document.ResourceError
	if out[0].Err != nil || out[2].Err != nil || !errors.Is(out[1].Err, document.ErrPrecondition) ||
		!errors.As(out[1].Err, &resource) || resource.Name != "collections/c/documents/stored" {
		t.Errorf("errors %v, %v, %v", out[0].Err, out[1].Err, out[2].Err)
	}
	after, err := s.GetDocument(t.Context(), "c", "stored", true)
	if err != nil || after.Text != before.Text || after.ETag != before.ETag || !after.UpdateTime.Equal(before.UpdateTime) {
		t.Errorf("stored %+v, error %v", after, err)
	}
}
