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
	s, sp, conn := openEmpty(t, url)
	enqueue(t, s, "a", "One.")
	enqueue(t, s, "b", "Two.")
	locked, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := locked.Exec(t.Context(), "LOCK TABLE "+pgx.Identifier{sp.VectorTable}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	_, log := work(t, open(t, url, 500*time.Millisecond), &model{})
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

// TestQueueSlowDocument checks that a document whose vectors cannot be stored in time, although
// the database works, fails permanently, and that the others are embedded.
func TestQueueSlowDocument(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, sp, conn := openEmpty(t, url)
	_, err := conn.Exec(t.Context(), `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
		CREATE TRIGGER slow BEFORE INSERT ON `+pgx.Identifier{sp.VectorTable}.Sanitize()+` FOR EACH ROW WHEN (NEW.document_id = 'b') EXECUTE FUNCTION slow()`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		enqueue(t, s, id, "Text of "+id+".")
	}
	work(t, open(t, url, 100*time.Millisecond), &model{})
	if d := becomes(t, s, "b", document.IndexFailed); d.IndexError != "its vectors could not be stored in time; see the server's log" {
		t.Errorf("failed with %q", d.IndexError)
	}
	becomes(t, s, "a", document.IndexComplete)
	becomes(t, s, "c", document.IndexComplete)
}

// open opens a store with a time limit for reads. Writes have six times as long.
func open(t *testing.T, url string, timeout time.Duration) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{URL: url, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// openEmpty opens a store with an empty collection. It returns the collection's space, and a
// connection of its own to the database.
func openEmpty(t *testing.T, url string) (*store.Store, space.Space, *pgx.Conn) {
	t.Helper()
	s := open(t, url, time.Minute)
	if err := s.CreateCollection(t.Context(), "c", space.Space{ID: "first", Model: "a", Dimensions: 2, Windowing: space.WindowingPassages}); err != nil {
		t.Fatal(err)
	}
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return s, sp, conn
}
