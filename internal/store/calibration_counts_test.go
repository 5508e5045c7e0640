package store_test

import (
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestWrittenCounts checks that passages count as written if their vectors are newer than
// the generation.
func TestWrittenCounts(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	first := newCollection(t, s, "c")
	r := newRand()
	write := func(id, etag string, paragraphs ...string) {
		t.Helper()
		in := newDocument("c", id, r, paragraphs...)
		in.Document.ETag = etag
		replaceDocument(t, s, first, in)
	}
	check := func(what string, want map[string]int) {
		t.Helper()
		got, err := s.WrittenCounts(t.Context(), active(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for n := range 5 {
		write(fmt.Sprint("d", n), "etag", "One.", "Two.")
	}
	check("after the first writes", map[string]int{"en": 10})
	recalibrate(t, s)
	check("after a calibration", map[string]int{})
	write("d0", "other etag", "One.", "Two.")
	check("after a change without new text", map[string]int{})
	write("d1", "etag", "Three.", "Four.", "Five.")
	check("after a replacement", map[string]int{"en": 3})
	write("new", "etag", "Six.")
	check("after an addition", map[string]int{"en": 4})
	if err := s.DeleteDocument(t.Context(), "c", "d1", ""); err != nil {
		t.Fatal(err)
	}
	check("after a deletion", map[string]int{"en": 1})
	recalibrate(t, s)
	check("after another calibration", map[string]int{})
}

// TestWrittenCountsOfBuilder checks that a document counts as written when a builder adds
// the last of its vectors, even if it was begun before the generation.
func TestWrittenCountsOfBuilder(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	replaceDocument(t, s, newCollection(t, s, "c"), newDocument("c", "d", newRand(), "One.", "Two."))
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	sp := stored(t, s, "c", "other-1")
	buildDocument(t, s, sp, "d", 1)
	if built, err := s.Recalibrate(t.Context(), sp); err != nil || !built {
		t.Fatalf("built %v, error %v", built, err)
	}
	sp = stored(t, s, "c", "other-1")
	buildDocument(t, s, sp, "d", 2)
	got, err := s.WrittenCounts(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(map[string]int{"en": 2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
