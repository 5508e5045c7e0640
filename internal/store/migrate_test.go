package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
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

// migratedTo returns a new database at the version of the last of the files, and what
// runs statements there.
func migratedTo(t *testing.T, files ...string) (url string, run func(sql string)) {
	t.Helper()
	url = storetest.Empty(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	run = func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	run("CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL, apply_time timestamptz NOT NULL DEFAULT now())")
	for i, name := range files {
		sql, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		run(string(sql))
		run(fmt.Sprintf("INSERT INTO schema_migrations (version, name) VALUES (%d, '%s')", i+1, name))
	}
	return url, run
}

// TestMigrateToSpaces: the collections of a database that knew one space each
// stay as they are, up to date.
func TestMigrateToSpaces(t *testing.T) {
	t.Parallel()
	url, run := migratedTo(t, "0001_initial.sql", "0002_ranking.sql")
	run(`INSERT INTO collections (collection_id, terms_table) VALUES ('c', 'terms_1');
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
	if states, err := s.DocumentStates(t.Context(), sp, []string{"d"}); err != nil || states["d"].ContentHash != "hash" {
		t.Errorf("states %+v, error %v", states, err)
	}
	if list := nothingToBuild(t, s); len(list) != 0 {
		t.Errorf("spaces to build: %v", list)
	}
}

// TestMigrateToRowsAPassage: the windows of each passage, in a generation with a row a
// window, become one row, and searches find what they found.
func TestMigrateToRowsAPassage(t *testing.T) {
	t.Parallel()
	url, run := migratedTo(t, "0001_initial.sql", "0002_ranking.sql", "0003_spaces.sql", "0004_reference_queries.sql", "0005_terms_version.sql")
	run(`INSERT INTO collections (collection_id, terms_table, terms_version) VALUES ('c', 'terms_1', 1);
		INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
			VALUES ('c', 's', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_1', 1);
		INSERT INTO calibrations (collection_id, space_id, generation, centred_table, indexed) VALUES ('c', 's', 1, 'centred_1', '{en}');
		CREATE TABLE centred_1 (document_id text COLLATE "C" NOT NULL, ordinal integer NOT NULL, window_number integer NOT NULL,
			role smallint NOT NULL, kind smallint NOT NULL, language text COLLATE "C" NOT NULL, language_code text NOT NULL,
			publish_time timestamptz, source text NOT NULL, centred vector(2) NOT NULL, PRIMARY KEY (document_id, ordinal, window_number));
		CREATE INDEX ON centred_1 (language, kind);
		CREATE INDEX ON centred_1 (publish_time);
		CREATE INDEX ON centred_1 (source);
		CREATE INDEX centred_1_hnsw_en_0 ON centred_1 USING hnsw (centred vector_ip_ops) WHERE language = 'en' AND role = 0 AND kind IN (1, 2);
		INSERT INTO centred_1 VALUES
			('d', 0, 0, 0, 1, 'en', 'en-GB', '2024-01-01', 'Wire', '[1,0]'), ('d', 0, 1, 1, 1, 'en', 'en-GB', '2024-01-01', 'Wire', '[0,1]'),
			('d', 0, 2, 1, 1, 'en', 'en-GB', '2024-01-01', 'Wire', '[0.5,0]'),
			('d', 1, 0, 0, 1, 'zh', 'zh', NULL, '', '[0.25,0]'), ('d', 1, 1, 0, 1, 'zh', 'zh', NULL, '', '[0.75,0]'),
			('d', 2, 1, 1, 1, 'zh', 'zh', NULL, '', '[0.125,0]')`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := stored(t, s, "c", "s")
	got, _, err := s.Nearest(t.Context(), sp, []float32{1, 0}, evenly, document.Filter{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	candidate := func(ordinal int, language string, passage, window float64) document.Candidate {
		return document.Candidate{PassageKey: document.PassageKey{Document: "d", Ordinal: ordinal}, Language: language, Passage: passage, Window: window}
	}
	want := []document.Candidate{candidate(0, "en", 1, .5), candidate(1, "zh", .75, .75), candidate(2, "zh", .125, .125)}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if len(sp.Calibration.Indexed) != 0 {
		t.Errorf("indexed: %v, though the indexes went with their table", sp.Calibration.Indexed)
	}
	run(`DO $$ BEGIN
		ASSERT (SELECT count(*) = 1 FROM centred_1 WHERE (document_id, ordinal, kind, fresh, language, language_code, publish_time, source)
			= ('d', 0, 1, false, 'en', 'en-GB', '2024-01-01', 'Wire') AND pieces IS NULL AND sentences = '{"[0,1]","[0.5,0]"}');
		ASSERT (SELECT pieces = '{"[0.25,0]","[0.75,0]"}' AND sentences IS NULL FROM centred_1 WHERE ordinal = 1);
		ASSERT (SELECT pieces = '{}' AND sentences = '{"[0.125,0]"}' FROM centred_1 WHERE ordinal = 2);
	END $$`)
}

// TestMigrateToQueue: what was embedded stays so, and a document without a single
// vector has failed, and can be tried again.
func TestMigrateToQueue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	before := slices.IndexFunc(files, func(name string) bool { return strings.HasPrefix(name, "0009_") })
	url, run := migratedTo(t, files[:before]...)
	run(`INSERT INTO collections (collection_id, terms_table, terms_version) VALUES ('c', 'terms_1', 1);
		INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
			VALUES ('c', 's', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_1', 1), ('c', 'o', 'RETIRED', 'model', 'default', 2, 2, '{}', 'vectors_2', 1);
		INSERT INTO calibrations (collection_id, space_id, generation, centred_table) VALUES ('c', 's', 1, 'centred_1'), ('c', 'o', 1, 'centred_2');
		INSERT INTO documents (collection_id, document_id, title, language_code, publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count, content_hash)
			SELECT 'c', id, '', 'en', 0, '', '', 'Text.', 'digest', '[]', '{}', 'etag', 1, 'hash' FROM unnest(ARRAY['bad', 'elsewhere', 'part', 'whole']) id;
		INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count)
			SELECT 'c', document_id, space_id, 'hash', 2 FROM documents, spaces;
		INSERT INTO failed_windows (collection_id, document_id, space_id, ordinal, window_number, start_point, end_point, start_byte, end_byte, reason, message)
			SELECT 'c', id, space, 0, number, 0, 5, 0, 5, 'REJECTED', 'window ' || number
			FROM (VALUES ('bad', 's', 1), ('bad', 's', 0), ('part', 's', 0), ('elsewhere', 'o', 0), ('elsewhere', 'o', 1)) AS f(id, space, number)`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkIndexed(t, s, "bad", indexed{State: document.IndexFailed, Error: "REJECTED: window 0", Failures: 2})
	checkIndexed(t, s, "elsewhere", indexed{State: document.IndexComplete})
	checkIndexed(t, s, "part", indexed{State: document.IndexPartial, Failures: 1})
	checkIndexed(t, s, "whole", indexed{State: document.IndexComplete})
	if n, err := s.RetryFailed(t.Context(), "c"); err != nil || n != 2 {
		t.Errorf("%d tried again, error %v", n, err)
	}
	checkIndexed(t, s, "bad", indexed{State: document.IndexPending})
}
