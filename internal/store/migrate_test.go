package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrSchema) {
		t.Errorf("before migrating: got %v, want ErrSchema", err)
	}
	first, err := store.Migrate(t.Context(), url)
	if err != nil || len(first) == 0 {
		t.Fatalf("first: applied %v, error %v", first, err)
	}
	again, err := store.Migrate(t.Context(), url)
	if err != nil || len(again) != 0 {
		t.Errorf("second: applied %v, error %v, want none", again, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after migrating: %v", err)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	applied := make(chan int)
	for range 4 {
		go func() {
			names, err := store.Migrate(context.Background(), url)
			if err != nil {
				t.Errorf("migrate: %v", err)
			}
			applied <- len(names)
		}()
	}
	migrators := 0
	for range 4 {
		if <-applied > 0 {
			migrators++
		}
	}
	if migrators != 1 {
		t.Errorf("%d migrators applied something, want 1", migrators)
	}
}

// TestMigrateToSpaces: the collections of a database that knew one space each
// stay as they are, up to date.
func TestMigrateToSpaces(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	run := func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	run("CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL, apply_time timestamptz NOT NULL DEFAULT now())")
	for _, name := range []string{"0001_initial.sql", "0002_ranking.sql"} {
		sql, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		run(string(sql))
	}
	run(`INSERT INTO schema_migrations (version, name) VALUES (1, '0001_initial.sql'), (2, '0002_ranking.sql');
		INSERT INTO collections (collection_id, terms_table) VALUES ('c', 'terms_1');
		INSERT INTO spaces (collection_id, space_id, state, model, dimensions, windowing, profile, vector_table, generation)
			VALUES ('c', 's', 'ACTIVE', 'model', 3, 2, '{}', 'vectors_1', 1);
		INSERT INTO calibrations (collection_id, space_id, generation, centred_table) VALUES ('c', 's', 1, 'centred_1');
		INSERT INTO documents (collection_id, document_id, title, language_code, publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count)
			VALUES ('c', 'd', '', 'en', 0, '', '', 'Text.', 'digest', '[]', '{}', 'etag', 1);
		INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count) VALUES ('c', 'd', 's', 'hash', 2)`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := stored(t, s, "c", "s")
	if sp.State != space.Active || sp.Server != "default" {
		t.Errorf("space %+v", sp)
	}
	checkProgress(t, s, sp, progress{State: space.Active, Documents: 1, Windows: 2})
	if st, err := s.DocumentState(t.Context(), sp, "d"); err != nil || st.ContentHash != "hash" {
		t.Errorf("state %+v, error %v", st, err)
	}
	if list := nothingToBuild(t, s); len(list) != 0 {
		t.Errorf("spaces to build: %v", list)
	}
}
