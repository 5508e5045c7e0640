package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestTermCountsAfterConcurrentWrites checks that counts match the stored passages
// exactly after concurrent writes and KeepTerms.
func TestTermCountsAfterConcurrentWrites(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{MaxConns: 8})
	sp := newCollection(t, s, "c")
	const writers, rounds, documents = 6, 12, 8
	var (
		wait sync.WaitGroup
		last sync.Map // document id → its last content
		lock [documents]sync.Mutex
	)
	for w := range writers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			for range rounds {
				n := r.IntN(documents)
				in := newDocument("c", fmt.Sprintf("d%d", n), r, sentence(r), sentence(r))
				lock[n].Lock() // one writer at a time for each document, so that the test knows the last one
				_, _, err := s.ReplaceDocument(context.Background(), sp, in)
				last.Store(in.Document.ID, in)
				if err == nil && r.IntN(4) == 0 {
					err = s.DeleteDocument(context.Background(), "c", in.Document.ID, "")
					last.Delete(in.Document.ID)
				}
				lock[n].Unlock()
				if err == nil && r.IntN(3) == 0 {
					err = s.KeepTerms(context.Background(), sp)
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wait.Wait()
	want := lexical.Counts{Holding: map[int32]int{}}
	for _, in := range last.Range {
		for _, p := range in.(document.Indexed).Passages {
			want.Passages++
			for id := range lexical.Weights(lexical.Terms(p.Text, "en"), 1) {
				want.Holding[id]++
			}
		}
	}
	for range 2 { // before and after the changes are folded
		got, err := s.TermCounts(t.Context(), sp, map[string][]int32{"en": slices.Collect(maps.Keys(want.Holding))})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got["en"]); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if err := s.KeepTerms(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOutdatedTerms checks that a database whose terms were extracted by an older version
// has the same matches and counts as a new one after KeepTerms.
func TestOutdatedTerms(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := newCollection(t, s, "c")
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 60 { // more documents than one transaction updates
		if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", fmt.Sprintf("d%02d", i), r, "The WHO met.", sentence(r))); err != nil {
			t.Fatal(err)
		}
	}
	ids := make([]int32, 0, 8)
	for _, term := range lexical.Terms("WHO met the trade", "en") {
		ids = append(ids, term.ID())
	}
	count := func() map[string]lexical.Counts {
		t.Helper()
		counts, err := s.TermCounts(t.Context(), sp, map[string][]int32{"en": ids})
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	want, wantTerms := count(), termRows(t, url, sp.Terms.Table)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	// These statements store what an older version stored: WHO is not among the terms.
	for _, sql := range []string{
		"UPDATE " + sp.Terms.Table + " SET terms = array_remove(terms, " + fmt.Sprint(ids[0]) + "), length = length - 1",
		"INSERT INTO " + sp.Terms.Table + "_changes (language, terms, passages) VALUES ('en', ARRAY[" + fmt.Sprint(ids[0]) + ", -1], ARRAY[-60, -120])",
		"UPDATE collections SET terms_version = 1",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if outdated, err := s.OutdatedTerms(t.Context()); err != nil || !slices.Equal(outdated, []string{"c"}) {
		t.Errorf("outdated: %v, error %v", outdated, err)
	}
	for range 2 {
		if err := s.KeepTerms(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(want, count()); diff != "" {
		t.Errorf("counts (-fresh +updated):\n%s", diff)
	}
	if diff := gocmp.Diff(wantTerms, termRows(t, url, sp.Terms.Table)); diff != "" {
		t.Errorf("terms (-fresh +updated):\n%s", diff)
	}
	if outdated, err := s.OutdatedTerms(t.Context()); err != nil || len(outdated) > 0 {
		t.Errorf("still outdated: %v, error %v", outdated, err)
	}
}

// termRows returns the terms of all passages, and their number, as text.
func termRows(t *testing.T, url, table string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT document_id || ' ' || ordinal || ' ' || length || ' ' || terms::text FROM "+table+" ORDER BY document_id, ordinal")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestPendingTerms checks that new terms go to the pending list of the index and are found
// at once, and that KeepTerms moves them into the index. An index that an older version
// created gets a pending list too.
func TestPendingTerms(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sp := newCollection(t, s, "c")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	index := pgx.Identifier{sp.Terms.Table + "_terms_idx"}.Sanitize()
	if _, err := conn.Exec(t.Context(), "ALTER INDEX "+index+" SET (fastupdate = off)"); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepTerms(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	in := newDocument("c", "d", newRand(), "Quince jam.")
	if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepTerms(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	var (
		options []string
		pending int
	)
	if err := conn.QueryRow(t.Context(), "SELECT reloptions, gin_clean_pending_list($1::regclass) FROM pg_class WHERE oid = $1::regclass", index).
		Scan(&options, &pending); err != nil {
		t.Fatal(err)
	}
	if pending > 0 || !slices.Contains(options, "fastupdate=on") || !slices.Contains(options, "gin_pending_list_limit=256") {
		t.Errorf("options %v, %d pages pending", options, pending)
	}
	checkCounts(t, s, sp, map[string][]string{"en": {"Quince jam."}})
}
