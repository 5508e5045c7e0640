package v1_test

import (
	"testing"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestOtherServerChangesSpace: a search sees what another server has written to a space,
// although this server has cached the space. This includes a new language, and a collection
// that was deleted and created again.
func TestOtherServerChangesSpace(t *testing.T) {
	t.Parallel()
	url, model := storetest.URL(t), newModel("test-model")
	serve := func() *service {
		db, err := store.Open(store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		return startOn(t, db, model)
	}
	here, elsewhere := serve(), serve()
	for _, mode := range []accordv1.SearchMode{accordv1.SearchMode_SEARCH_MODE_HYBRID, accordv1.SearchMode_SEARCH_MODE_SEMANTIC, accordv1.SearchMode_SEARCH_MODE_LEXICAL} {
		req := &accordv1.SearchRequest{Query: "数字经济 digital", Mode: mode}
		found := func() int {
			t.Helper()
			return len(here.ask(t, req).GetResults())
		}
		elsewhere.upsert(t, &accordv1.Document{Name: name("english"), LanguageCode: "en", Text: "The digital economy grows."})
		if n := found(); n != 1 {
			t.Errorf("%v: found %d passages, want 1", mode, n)
		}
		elsewhere.upsert(t, &accordv1.Document{Name: name("chinese"), LanguageCode: "zh", Text: "数字经济正在增长。"})
		if n := found(); n != 2 {
			t.Errorf("%v: found %d passages with a new language, want 2", mode, n)
		}
		if _, err := elsewhere.collections.DeleteCollection(t.Context(), &accordv1.DeleteCollectionRequest{Name: "collections/default", Force: true}); err != nil {
			t.Fatal(err)
		}
		if n := found(); n != 0 {
			t.Errorf("%v: found %d passages of a deleted collection", mode, n)
		}
	}
}
