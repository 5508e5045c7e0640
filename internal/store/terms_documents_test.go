package store_test

import (
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestDocumentTerms checks that the terms of a document come from all of its passages, and not
// from other collections.
func TestDocumentTerms(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	r := rand.New(rand.NewPCG(1, 2))
	sp := newCollection(t, s, "c")
	for collection, documents := range map[string]map[string][]string{
		"c": {"a": {"chile", "norway", "chile"}, "b": {"peru"}},
		"d": {"a": {"peru"}},
	} {
		if collection != "c" {
			newCollection(t, s, collection)
		}
		of, err := s.ActiveSpace(t.Context(), collection)
		if err != nil {
			t.Fatal(err)
		}
		for id, passages := range documents {
			if _, _, err := s.ReplaceDocument(t.Context(), of, newDocument(collection, id, r, passages...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	ids := func(text string) []int32 { return lexical.IDs(lexical.Terms(text, "en")) }
	got, err := s.DocumentTerms(t.Context(), sp, []string{"a", "b", "gone"}, ids("chile norway peru ghana"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]document.DocumentTerms{
		"a": {Title: "Title of a", Language: "en", IDs: ids("chile norway")},
		"b": {Title: "Title of b", Language: "en", IDs: ids("peru")},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("terms of documents (-want +got):\n%s", diff)
	}
}
