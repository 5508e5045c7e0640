package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// wrongCounts selects, in one snapshot, the collections whose counts differ from their
// rows, deleted collections included.
const wrongCounts = `SELECT coalesce(string_agg(format('%s/%s: counted %s, %s; there are %s, %s', collection_id, incarnation, n, p, documents, passages), '; '), '')
	FROM (SELECT collection_id, incarnation, count(*) AS documents, sum(passage_count) AS passages FROM documents GROUP BY 1, 2) held
	FULL JOIN (SELECT collection_id, incarnation, sum(documents) AS n, sum(passages) AS p FROM document_counts GROUP BY 1, 2) counted
		USING (collection_id, incarnation)
	WHERE (coalesce(n, 0), coalesce(p, 0)) <> (coalesce(documents, 0), coalesce(passages, 0))`

func checkDocumentCounts(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	var wrong string
	if err := conn.QueryRow(context.Background(), wrongCounts).Scan(&wrong); err != nil || wrong != "" {
		t.Errorf("counts: %s, error %v", wrong, err)
	}
}

// TestDocumentCounts checks that in every snapshot the counts equal the rows, while writes,
// removals and foldings run concurrently and some of them fail.
func TestDocumentCounts(t *testing.T) {
	t.Parallel()
	const writers, rounds = 6, 40
	url := storetest.URL(t)
	var stores []*store.Store
	for range 2 {
		s, err := store.Open(store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		stores = append(stores, s)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	sp := newCollection(t, stores[0], "c")
	newCollection(t, stores[0], "other")

	var wait sync.WaitGroup
	for n := range writers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 7))
			for range rounds {
				randomWrite(t, stores[n%2], sp, r)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		wait.Wait()
		close(ended)
	}()
	for open := true; open; {
		select {
		case <-ended:
			open = false
		default:
		}
		checkDocumentCounts(t, conn)
		if err := stores[0].FoldDocumentCounts(t.Context()); err != nil {
			t.Error(err)
		}
	}
	removeAll(t, stores[1], conn)
	checkDocumentCounts(t, conn)
	var documents, passages int64
	if err := conn.QueryRow(t.Context(), "SELECT count(*), coalesce(sum(passage_count), 0) FROM documents WHERE collection_id = 'c'").Scan(&documents, &passages); err != nil {
		t.Fatal(err)
	}
	got, err := stores[1].GetCollection(t.Context(), "c")
	if err != nil || got.Documents != documents || got.Passages != passages {
		t.Errorf("got %+v, error %v, want %d documents and %d passages", got, err, documents, passages)
	}
	if err := stores[0].FoldDocumentCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM document_counts").Scan(&rows); err != nil || rows > 1 {
		t.Errorf("%d rows are left, error %v, want one per collection with documents", rows, err)
	}
}

// randomWrite writes or deletes a document, or is cancelled while it does. Sometimes it
// deletes the collection and creates it again.
func randomWrite(t *testing.T, s *store.Store, sp space.Space, r *rand.Rand) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	id := func() string { return fmt.Sprintf("d%02d", r.IntN(30)) }
	var err error
	switch what := r.IntN(20); {
	case what == 0:
		if err = s.DeleteCollection(ctx, "c", true); err == nil {
			err = s.CreateCollection(ctx, "c", space.Space{ID: "test-1", Model: "test", Dimensions: dimensions, Profile: sp.Profile})
		}
	case what < 4:
		err = s.DeleteDocument(ctx, "c", id(), "")
	case what < 5:
		_, err = s.DeleteDocuments(ctx, "c", document.Filter{Documents: []string{id(), id(), id()}})
	default:
		if what < 9 {
			go cancel()
		}
		seen := map[string]bool{}
		var group []document.Indexed
		for range 1 + r.IntN(5) {
			in := newDocument("c", id(), r, make([]string, 1+r.IntN(4))...)
			in.Document.ETag += fmt.Sprint(r.IntN(3))
			if !seen[in.Document.ID] {
				seen[in.Document.ID], group = true, append(group, in)
			}
		}
		if what == 9 {
			group[0].Document.Title = "a\x00b"
		}
		for _, out := range s.ReplaceDocuments(ctx, sp, group) {
			if what != 9 {
				err = errors.Join(err, out.Err)
			}
		}
	}
	for _, fine := range []error{document.ErrNotFound, document.ErrAlreadyExists, document.ErrChanged} {
		if errors.Is(err, fine) {
			return
		}
	}
	if err != nil && ctx.Err() == nil {
		t.Error(err)
	}
}

// TestMigrateToDocumentCounts checks that existing documents are counted, and that those of
// deleted collections are counted for their own incarnations.
func TestMigrateToDocumentCounts(t *testing.T) {
	t.Parallel()
	url, run := migratedTo(t, "0001_initial.sql", "0002_ranking.sql", "0003_spaces.sql", "0004_reference_queries.sql", "0005_terms_version.sql",
		"0006_row_a_passage.sql", "0007_removals.sql")
	run(`INSERT INTO collections (collection_id, terms_table, terms_version, incarnation) VALUES ('c', 'terms_1', 1, 2), ('empty', 'terms_2', 1, 0);
		INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
			SELECT collection_id, 's', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_' || collection_id, 1 FROM collections;
		INSERT INTO documents (collection_id, document_id, title, language_code, publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count, content_hash, incarnation)
			SELECT 'c', 'd' || n, '', 'en', 0, '', '', 'Text.', 'digest', '[]', '{}', 'etag', n, 'hash', CASE WHEN n > 3 THEN 1 ELSE 2 END FROM generate_series(1, 5) n`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.ListCollections(t.Context(), "", 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("list %v, error %v", list, err)
	}
	for i, want := range [][2]int64{{3, 6}, {0, 0}} {
		if got := [2]int64{list[i].Documents, list[i].Passages}; got != want {
			t.Errorf("%s holds %v documents and passages, want %v", list[i].ID, got, want)
		}
	}
	run(`DO $$ BEGIN ASSERT (SELECT (documents, passages) = (2, 9) FROM document_counts WHERE incarnation = 1); END $$`)
}
