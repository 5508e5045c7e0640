package backfill_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestQueueDatabaseOutage checks that documents whose vectors cannot be stored, because a table
// is locked, wait without a failed try, and are embedded afterwards.
func TestQueueDatabaseOutage(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url, Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.CreateCollection(t.Context(), "c", space.Space{ID: "first", Model: "a", Dimensions: 2, Windowing: space.WindowingPassages}); err != nil {
		t.Fatal(err)
	}
	enqueue(t, s, "a", "One.")
	enqueue(t, s, "b", "Two.")
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	locked, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := locked.Exec(t.Context(), "LOCK TABLE "+pgx.Identifier{sp.VectorTable}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	_, log := work(t, s, &model{})
	for deadline := time.Now().Add(30 * time.Second); log.count("WARN") == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	var failures int
	if err := locked.QueryRow(t.Context(), "SELECT max(failures) FROM embedding_queue").Scan(&failures); err != nil || failures > 0 {
		t.Errorf("%d failed tries, error %v", failures, err)
	}
	if n := log.count("documents wait because they cannot be embedded or stored now"); n != 1 {
		t.Errorf("%d lines about the outage:\n%s", n, &log.text)
	}
	if err := locked.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	becomes(t, s, "a", document.IndexComplete)
	becomes(t, s, "b", document.IndexComplete)
}
