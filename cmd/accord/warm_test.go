package main

import (
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestDefaultCollectionAtStart: on a new database a server makes the default collection before
// it reports SERVING, so that the first search does not wait for it. If there are other
// collections, somebody has deleted it, and it stays deleted.
func TestDefaultCollectionAtStart(t *testing.T) {
	t.Parallel()
	flags := []string{"--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, newModel()).URL}
	for _, want := range []bool{true, false} {
		addr := serve(t, flags...)
		newAPI(t, addr).healthy(t, true, "accord.v1.SearchService")
		list := mustAccord(t, "collection", "list", "--addr", addr)
		if strings.Contains(list, "default") != want {
			t.Fatalf("collections, want the default one: %v\n%s", want, list)
		}
		if want {
			mustAccord(t, "collection", "create", "--addr", addr, "other")
			mustAccord(t, "collection", "delete", "--addr", addr, "default")
		}
	}
}
