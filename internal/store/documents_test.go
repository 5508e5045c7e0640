package store_test

import (
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestListDocumentsPages checks that pages of any size, joined, equal one large page.
func TestListDocumentsPages(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	r := newRand()
	for _, id := range []string{"b", "a-1", "a", "10", "9", "b-2", "ab"} {
		if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", id, r, "text")); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"10", "9", "a", "a-1", "ab", "b", "b-2"}
	for size := 1; size <= len(want)+1; size++ {
		var got []string
		for after := ""; ; {
			page, err := s.ListDocuments(t.Context(), "c", document.Filter{}, after, size)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page {
				got = append(got, d.ID)
				after = d.ID
			}
			if len(page) < size {
				break
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
}

func TestListDocumentsFilters(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	all := corpusOf(t, s, sp, 60)
	for name, f := range filters {
		if name == "none" { // a filter without kinds leaves out HEADING and CAPTION passages, but no documents
			continue
		}
		list, err := s.ListDocuments(t.Context(), "c", f.filter, "", 1000)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var want, got []string
		for _, in := range all {
			// Every document has a ranked passage and one that is not ranked.
			if slices.ContainsFunc(in.Passages, func(p document.Passage) bool { return f.keep(in.Document, p) }) {
				want = append(want, in.Document.ID)
			}
		}
		for _, d := range list {
			got = append(got, d.ID)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := s.ListDocuments(t.Context(), "missing", document.Filter{}, "", 10); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("no collection: got %v, want ErrNotFound", err)
	}
}
