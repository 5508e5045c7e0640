package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
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

// TestSlowLanguageDetection: a server is not ready before it can detect languages, even if the
// other steps of its warm-up are over. Otherwise the first searches would wait for it until their
// deadlines.
func TestSlowLanguageDetection(t *testing.T) {
	t.Parallel()
	db, err := store.Open(store.Config{URL: storetest.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	loaded := make(chan struct{})
	// The other steps fail, since they have no model server.
	w := &warmUp{db: db, limit: time.Millisecond, detect: func() { <-loaded }, log: slog.New(slog.DiscardHandler)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.run(t.Context())
	}()
	time.Sleep(time.Second)
	if err := w.check(t.Context()); err == nil {
		t.Error("the server is ready before it can detect languages")
	}
	close(loaded)
	<-ended
	if err := w.check(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
