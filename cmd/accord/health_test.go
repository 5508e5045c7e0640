package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestHealthOfWrites: if writes fail because the disk of the database is full, or because its
// tables are locked for writes, only searches are served. If the tables are locked for reads,
// nothing is. Afterwards everything is served again.
func TestHealthOfWrites(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	a := newAPI(t, serve(t, "--database-url", url, "--embedding-url", embedtest.Serve(t, newModel()).URL))
	a.healthy(t, true, ingestService)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	execute := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	execute(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	if err := do(t, a.write); reason(err) != "DATABASE_UNAVAILABLE" {
		t.Errorf("a write on a full disk: %v", err)
	}
	a.healthy(t, false, ingestService)
	a.healthy(t, true, searchService)
	execute("DROP TRIGGER full_disk ON documents")
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	a.healthy(t, true, ingestService)
	for mode, searches := range map[string]bool{"SHARE": true, "ACCESS EXCLUSIVE": false} {
		execute("BEGIN; LOCK TABLE documents IN " + mode + " MODE")
		a.healthy(t, false, ingestService)
		a.healthy(t, searches, searchService)
		execute("ROLLBACK")
		a.healthy(t, true, ingestService)
		a.healthy(t, true, searchService)
	}
}
