package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestCollections(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	for _, id := range []string{"b", "a", "c"} {
		newCollection(t, s, id)
	}
	err := s.CreateCollection(t.Context(), "a", space.Space{ID: "x", Dimensions: 3})
	if !errors.Is(err, document.ErrAlreadyExists) {
		t.Errorf("second create: got %v, want ErrAlreadyExists", err)
	}
	list, err := s.ListCollections(t.Context(), "a", 1)
	if err != nil || len(list) != 1 || list[0].ID != "b" || list[0].Active.ID != "test-1" {
		t.Errorf("list after a: %+v, error %v", list, err)
	}
	sp, err := s.ActiveSpace(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	in := newDocument("b", "d", newRand(), "one", "two")
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	got, err := s.GetCollection(t.Context(), "b")
	if err != nil || got.Documents != 1 || got.Passages != 2 {
		t.Errorf("got %+v, error %v, want 1 document and 2 passages", got, err)
	}
	if err := s.DeleteCollection(t.Context(), "b", false); !errors.Is(err, document.ErrNotEmpty) {
		t.Errorf("delete: got %v, want ErrNotEmpty", err)
	}
	if err := s.DeleteCollection(t.Context(), "b", true); err != nil {
		t.Errorf("forced delete: %v", err)
	}
	if _, err := s.ActiveSpace(t.Context(), "b"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("deleted: got %v, want ErrNotFound", err)
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("write to a deleted collection: got %v, want ErrNotFound", err)
	}
}

// TestDeleteCollectionBesideWrites checks that concurrent writes do not make the deletion
// of a collection fail, and that the writes fail only because the collection is gone.
func TestDeleteCollectionBesideWrites(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	for round := range 5 {
		id := fmt.Sprintf("c%d", round)
		sp := newCollection(t, s, id)
		in := newDocument(id, "d", newRand(), "one", "two")
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		failed := make(chan error)
		for writer := range 4 {
			go func() {
				in := in
				for n := 0; ; n++ {
					in.ContentHash = fmt.Sprint(writer, n)
					if _, _, err := s.ReplaceDocument(context.Background(), sp, in); err != nil {
						failed <- err
						return
					}
				}
			}()
		}
		if err := s.DeleteCollection(t.Context(), id, true); err != nil {
			t.Errorf("delete: %v", err)
		}
		for range 4 {
			if err := <-failed; !errors.Is(err, document.ErrNotFound) {
				t.Errorf("write: got %v, want ErrNotFound", err)
			}
		}
	}
}
