package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
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

// TestPlanMigration checks that a plan names the missing migrations and applies none. Like
// Migrate, it must refuse a database that a newer binary has migrated.
func TestPlanMigration(t *testing.T) {
	t.Parallel()
	url, run := migratedTo(t, "0001_initial.sql", "0002_ranking.sql")
	planned, err := store.PlanMigration(t.Context(), url)
	if err != nil || len(planned) == 0 || planned[0] != "0003_spaces.sql" {
		t.Fatalf("planned %v, error %v, want all from 0003_spaces.sql", planned, err)
	}
	applied, err := store.Migrate(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(planned, applied); diff != "" {
		t.Errorf("planned and applied (-planned +applied):\n%s", diff)
	}
	if planned, err := store.PlanMigration(t.Context(), url); err != nil || len(planned) != 0 {
		t.Errorf("of a migrated database: planned %v, error %v, want none", planned, err)
	}
	run("INSERT INTO schema_migrations (version, name) VALUES (9999, 'newer')")
	if _, err := store.PlanMigration(t.Context(), url); !errors.Is(err, store.ErrSchema) {
		t.Errorf("of a newer database: got %v, want ErrSchema", err)
	}
}

// TestPlanMigrationOfNothing checks that a plan for a database without the schema names all
// migrations, and does not change the database.
func TestPlanMigrationOfNothing(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	first, err := store.PlanMigration(t.Context(), url)
	if err != nil || len(first) == 0 || first[0] != "0001_initial.sql" {
		t.Fatalf("planned %v, error %v", first, err)
	}
	again, err := store.PlanMigration(t.Context(), url)
	if diff := gocmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("the second plan differs, error %v:\n%s", err, diff)
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

// migratedTo returns a new database to which all migrations up to the last of the files
// were applied, and a function that runs statements there.
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

// TestMigrateToSpaces checks that collections of a version without spaces keep their
// documents and are up to date.
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

// TestMigrateToRowsAPassage checks that a generation with one row per window gets one row
// per passage, and that searches return the same results.
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
		t.Errorf("search results (-want +got):\n%s", diff)
	}
	if len(sp.Calibration.Indexed) != 0 {
		t.Errorf("indexed: %v, want none, because the indexes were dropped with their table", sp.Calibration.Indexed)
	}
	if stale, err := s.Stale(t.Context(), sp); err != nil || !stale {
		t.Errorf("stale %v, error %v; want a new generation, because the rows have no signatures", stale, err)
	}
	run(`DO $$ BEGIN
		ASSERT (SELECT count(*) = 1 FROM centred_1 WHERE (document_id, ordinal, kind, fresh, language, language_code, publish_time, source)
			= ('d', 0, 1, false, 'en', 'en-GB', '2024-01-01', 'Wire') AND pieces IS NULL AND sentences = '{"[0,1]","[0.5,0]"}');
		ASSERT (SELECT pieces = '{"[0.25,0]","[0.75,0]"}' AND sentences IS NULL FROM centred_1 WHERE ordinal = 1);
		ASSERT (SELECT pieces = '{}' AND sentences = '{"[0.125,0]"}' FROM centred_1 WHERE ordinal = 2);
	END $$`)
}

// TestMigrateToPostings checks that an existing collection gets passage numbers and
// postings, and that searches use them. The same holds for a collection that an older
// server creates after the migration. The tables are dropped with their collection.
func TestMigrateToPostings(t *testing.T) {
	t.Parallel()
	url, run := migratedTo(t, "0001_initial.sql", "0002_ranking.sql", "0003_spaces.sql", "0004_reference_queries.sql", "0005_terms_version.sql",
		"0006_row_a_passage.sql", "0007_removals.sql")
	create := func(id string) {
		run(fmt.Sprintf(`INSERT INTO collections (collection_id, terms_table, terms_version) VALUES ('%[1]s', 'terms_%[1]s', %[2]d);
			INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
				VALUES ('%[1]s', 's', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_%[1]s', 1);
			INSERT INTO calibrations (collection_id, space_id, generation, centred_table) VALUES ('%[1]s', 's', 1, 'centred_%[1]s');
			INSERT INTO term_languages (collection_id, language, average_length) VALUES ('%[1]s', 'en', 2);
			CREATE TABLE terms_%[1]s (document_id text COLLATE "C" NOT NULL, ordinal integer NOT NULL, kind smallint NOT NULL, language text COLLATE "C" NOT NULL,
				language_code text NOT NULL, publish_time timestamptz, source text NOT NULL, length integer NOT NULL, terms integer[] NOT NULL,
				weights sparsevec(1000000000) NOT NULL, PRIMARY KEY (document_id, ordinal));
			CREATE INDEX ON terms_%[1]s USING gin (terms);
			CREATE TABLE terms_%[1]s_counts (language text COLLATE "C" NOT NULL, term integer NOT NULL, passages bigint NOT NULL, PRIMARY KEY (language, term));
			CREATE TABLE terms_%[1]s_changes (change bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, language text COLLATE "C" NOT NULL,
				terms integer[] NOT NULL, passages bigint[] NOT NULL);
			INSERT INTO terms_%[1]s SELECT 'd', n, 1, 'en', 'en', NULL, '', 2, ARRAY[5, 7 + n], format('{5:1,%%s:1}/1000000000', 7 + n)::sparsevec
				FROM generate_series(0, 2999) n;
			INSERT INTO terms_%[1]s_counts VALUES ('en', 0, 3000), ('en', -1, 6000), ('en', 5, 3000), ('en', 1007, 1)`, id, lexical.Version))
	}
	create("before")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	create("after")
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range []string{"before", "after"} {
		if err := s.KeepTerms(t.Context(), stored(t, s, id, "s")); err != nil {
			t.Fatal(err)
		}
		sp := stored(t, s, id, "s")
		if diff := gocmp.Diff([]string{"en"}, sp.Terms.Packed); diff != "" {
			t.Errorf("%s: languages with postings (-want +got):\n%s", id, diff)
		}
		query := lexical.NewQuery(nil, lexical.Counts{Passages: 3000, Holding: map[int32]int{5: 3000, 1007: 1}})
		query.Weights[5], query.Weights[1007] = .25, 2
		list, _, err := s.Matches(t.Context(), sp, map[string]lexical.Query{"en": query}, document.Filter{}, 1)
		want := []document.Match{{PassageKey: document.PassageKey{Document: "d", Ordinal: 1000}, Language: "en", Score: 2.25}}
		if diff := gocmp.Diff(want, list, nearly); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", id, err, diff)
		}
		if err := s.DeleteCollection(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		// The store may have removed the table already.
		run(fmt.Sprintf(`DO $$ BEGIN
			ASSERT (SELECT count(*) = 2 FROM unnest(ARRAY['terms_%[1]s_segments', 'terms_%[1]s_postings']) t(name)
				WHERE to_regclass(name) IS NULL OR EXISTS (SELECT FROM removals WHERE table_name = name));
		END $$`, id))
	}
}
