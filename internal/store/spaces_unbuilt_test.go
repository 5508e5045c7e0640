package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// statements records statements with their arguments.
type statements struct {
	mu   sync.Mutex
	list []pgx.TraceQueryStartData
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, data)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// mentioning returns the recorded statements that contain the text.
func (s *statements) mentioning(text string) []pgx.TraceQueryStartData {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.list), func(d pgx.TraceQueryStartData) bool { return !strings.Contains(d.SQL, text) })
}

// plan is a node of EXPLAIN (ANALYZE, FORMAT JSON).
type plan struct {
	Type    string  `json:"Node Type"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Dropped float64 `json:"Rows Removed by Filter"`
	Plans   []plan
}

// scanned returns how many rows the scans of a plan read.
func (p plan) scanned() (rows float64) {
	if strings.Contains(p.Type, "Scan") {
		rows = (p.Rows + p.Dropped) * p.Loops
	}
	for _, child := range p.Plans {
		rows += child.scanned()
	}
	return rows
}

// TestBuildersReadWhatChanged checks that the search for spaces and documents to build
// reads rows in proportion to the documents that were written, and not to all documents.
func TestBuildersReadWhatChanged(t *testing.T) {
	t.Parallel()
	const all, changed = 5_000, 3
	url, seen := storetest.URL(t), &statements{}
	s, err := store.Open(store.Config{URL: url, Tracer: seen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn := connect(t, url)
	first := newCollection(t, s, "c")
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	in := newDocument("c", "d", newRand(), "One.")
	in.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}}
	replaceDocument(t, s, first, in)
	second := stored(t, s, "c", "other-1")
	if ready, err := s.MakeReady(t.Context(), second); err != nil || !ready {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	second.State = space.Ready
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO documents SELECT (d).* FROM (
			SELECT jsonb_populate_record(d, jsonb_build_object('document_id', 'e' || n)) AS d FROM documents d, generate_series(1, %d) n) copies;
		INSERT INTO indexed_documents SELECT (i).* FROM (
			SELECT jsonb_populate_record(i, jsonb_build_object('document_id', 'e' || n)) AS i FROM indexed_documents i, generate_series(1, %[1]d) n) copies;
		DELETE FROM unbuilt_documents; -- the copies are complete
		ANALYZE`, all))
	if err != nil {
		t.Fatal(err)
	}
	if list := nothingToBuild(t, s); len(list) > 0 {
		t.Errorf("%d spaces to build, want none", len(list))
	}
	var want []string
	for n := range changed {
		in := newDocument("c", fmt.Sprintf("e%d", n+10), newRand(), "Changed.")
		want = append(want, in.Document.ID)
		replaceDocument(t, s, first, in)
	}
	list, err := s.SpacesToBuild(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != "other-1" {
		t.Errorf("spaces to build %v, error %v", list, err)
	}
	ids, err := s.UnbuiltDocuments(t.Context(), second, "", 100)
	if diff := cmp.Diff(want, ids); diff != "" || err != nil {
		t.Errorf("unbuilt documents, error %v (-want +got):\n%s", err, diff)
	}
	looks := seen.mentioning("FROM unbuilt_documents")
	if len(looks) != 3 {
		t.Fatalf("%d statements looked for what to build, want 3", len(looks))
	}
	for _, look := range looks {
		var explained []struct{ Plan plan }
		var text []byte
		if err := conn.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+look.SQL, look.Args...).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &explained); err != nil {
			t.Fatal(err)
		}
		if rows := explained[0].Plan.scanned(); rows > 50 {
			t.Errorf("%v rows are read with %d of %d documents changed:\n%s\n%s", rows, changed, all, look.SQL, text)
		}
	}
}

// TestUnbuiltDocuments checks which documents are noted as unbuilt in a space: documents that
// were written without vectors for it, documents that its builder began but did not finish,
// and documents that were in the queue when the space retired.
func TestUnbuiltDocuments(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	first := newCollection(t, s, "c")
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	second := stored(t, s, "c", "other-1")
	unbuilt := func(sp space.Space, want ...string) {
		t.Helper()
		ids, err := s.UnbuiltDocuments(t.Context(), sp, "", 100)
		if diff := cmp.Diff(want, ids, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("unbuilt documents of %s, error %v (-want +got):\n%s", sp.ID, err, diff)
		}
	}
	write := func(id, text string, vectors bool) {
		t.Helper()
		in := newDocument("c", id, newRand(), text)
		if vectors {
			in.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}}
		}
		replaceDocument(t, s, first, in)
	}
	write("both", "One.", true)
	write("gone", "One.", false)
	write("lacking", "One.", false)
	unbuilt(second, "gone", "lacking")
	if err := s.DeleteDocument(t.Context(), "c", "gone", ""); err != nil {
		t.Fatal(err)
	}
	begin(t, s, second, "lacking")
	begin(t, s, second, "both") // begin finds that the document is complete
	unbuilt(second, "lacking")
	buildDocument(t, s, second, "lacking", 1)
	unbuilt(second)
	if ready, err := s.MakeReady(t.Context(), second); err != nil || !ready {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	write("both", "Two.", false)
	unbuilt(second, "both")
	in := newDocument("c", "both", newRand(), "Two.")
	in.Document.Title, in.Document.ETag = "Another title", "another"
	replaceDocument(t, s, first, in) // without new content
	write("both", "Three.", true)
	unbuilt(second)
	if err := s.ActivateSpace(t.Context(), "c", "other-1"); err != nil {
		t.Fatal(err)
	}
	second = stored(t, s, "c", "other-1")
	waiting := newDocument("c", "queued", newRand(), "One.")
	waiting.Others = map[string][][]document.Window{"test-1": waiting.Windows}
	enqueue(t, s, second, waiting)
	unbuilt(second)
	if err := s.ActivateSpace(t.Context(), "c", "test-1"); err != nil {
		t.Fatal(err)
	}
	unbuilt(second, "queued")
	if err := s.DeleteSpace(t.Context(), "c", "other-1"); err != nil {
		t.Fatal(err)
	}
	removeAll(t, s, conn)
	unbuilt(second)
}

// TestMigrateToUnbuiltDocuments checks that after the migration, a database of an older
// version has notes of the documents that its spaces lack.
func TestMigrateToUnbuiltDocuments(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	before := slices.Index(files, "0011_unbuilt_documents.sql")
	url, run := migratedTo(t, files[:before]...)
	run(`INSERT INTO collections (collection_id, terms_table, terms_version) VALUES ('c', 'terms_1', 1);
		INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
			VALUES ('c', 'a', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_1', 1), ('c', 'r', 'RETIRED', 'model', 'default', 2, 2, '{}', 'vectors_2', 1);
		INSERT INTO calibrations (collection_id, space_id, generation, centred_table) VALUES ('c', 'a', 1, 'centred_1'), ('c', 'r', 1, 'centred_2');
		INSERT INTO documents (collection_id, document_id, title, language_code, publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count, content_hash)
			SELECT 'c', id, '', 'en', 0, '', '', 'Text.', 'digest', '[]', '{}', 'etag', 1, 'hash' FROM unnest(ARRAY['begun', 'changed', 'held', 'new']) id;
		INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count, complete)
			VALUES ('c', 'begun', 'r', 'hash', 1, false), ('c', 'changed', 'r', 'before', 1, true), ('c', 'held', 'r', 'hash', 1, true)`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.SpacesToBuild(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != "r" {
		t.Fatalf("spaces to build %v, error %v", list, err)
	}
	ids, err := s.UnbuiltDocuments(t.Context(), list[0], "", 10)
	if diff := cmp.Diff([]string{"begun", "changed", "new"}, ids); diff != "" || err != nil {
		t.Errorf("unbuilt documents, error %v (-want +got):\n%s", err, diff)
	}
}
