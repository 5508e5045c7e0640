package store_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestLengthChangesWhileWeighing checks that a reference length that changes while passages
// get new weights is not lost: in the end all passages have weights for the last length.
func TestLengthChangesWhileWeighing(t *testing.T) {
	t.Parallel()
	const documents = 130 // more documents than one transaction reweighs
	for _, test := range []struct {
		name, lock string // lock makes the reweighing wait
	}{
		{"between two batches", fmt.Sprintf("SELECT FROM documents WHERE document_id = 'd%03d' FOR UPDATE", documents-1)},
		{"after the last batch", "SELECT FROM term_languages FOR SHARE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, conn := openAt(t)
			sp := newCollection(t, s, "c")
			group := make([]document.Indexed, documents)
			for i := range group {
				group[i] = newDocument("c", fmt.Sprintf("d%03d", i), newRand(), "water flows under the old stone bridge")
			}
			for _, out := range s.ReplaceDocuments(t.Context(), sp, group) {
				if out.Err != nil {
					t.Fatal(out.Err)
				}
			}
			sp = active(t, s)
			execute := func(tx interface {
				Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
			}, sql string, args ...any,
			) {
				t.Helper()
				if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
					t.Fatal(err)
				}
			}
			// The language counts as large, and the change is within the drift that is
			// permitted for such a language, so that only the test changes the length.
			execute(conn, "UPDATE term_languages SET average_length = 6")
			execute(conn, "INSERT INTO "+sp.Terms.Table+"_changes (language, terms, passages) VALUES ('en', '{-1,0}', '{60000,10000}')")
			const change = "UPDATE term_languages SET average_length = average_length * $1, reweighing = true"
			execute(conn, change, 1.05)
			locked := beginTx(t, connect(t, conn.Config().ConnString()))
			execute(locked, test.lock)
			kept := make(chan error)
			go func() { kept <- s.KeepTerms(context.Background(), sp) }()
			waitBlocked(t, locked, 1)
			execute(locked, change, 0.92)
			if err := locked.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-kept; err != nil {
				t.Fatal(err)
			}
			if err := s.KeepTerms(t.Context(), sp); err != nil {
				t.Fatal(err)
			}
			replaceDocument(t, s, sp, newDocument("c", "new", newRand(), group[0].Document.Text)) // this document gets weights for the current length
			var (
				different int
				pending   bool
			)
			err := conn.QueryRow(t.Context(), "SELECT count(DISTINCT weights::text), (SELECT bool_or(reweighing) FROM term_languages) FROM "+sp.Terms.Table).
				Scan(&different, &pending)
			if err != nil || different != 1 || pending {
				t.Errorf("%d different weights of the same text, pending %v, error %v", different, pending, err)
			}
		})
	}
}

// TestLengthsDoNotDependOnOrder checks that the weights of a language's passages depend only on
// the passages, and not on the order in which they were written or on passages that were
// deleted.
func TestLengthsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	texts := map[string]string{"long": strings.Repeat("water ", 26), "gone": strings.Repeat("stone ", 22)}
	for i := range 10 {
		texts[fmt.Sprint("d", i)] = strings.Repeat("bridge ", 24)
	}
	names := slices.Sorted(maps.Keys(texts))
	weights := func(collection string, order []string) (out []string, length float64) {
		t.Helper()
		sp := newCollection(t, s, collection)
		for _, name := range order {
			replaceDocument(t, s, sp, newDocument(collection, name, newRand(), texts[name]))
		}
		if err := s.DeleteDocument(t.Context(), collection, "gone", ""); err != nil {
			t.Fatal(err)
		}
		sp = stored(t, s, collection, sp.ID)
		if err := s.KeepTerms(t.Context(), sp); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), "SELECT document_id || ' ' || weights::text FROM "+sp.Terms.Table+" ORDER BY document_id")
		if err != nil {
			t.Fatal(err)
		}
		if out, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
		err = conn.QueryRow(t.Context(), "SELECT average_length FROM term_languages WHERE collection_id = $1", collection).Scan(&length)
		if err != nil {
			t.Fatal(err)
		}
		return out, length
	}
	want, length := weights("c1", names)
	if mean := 266. / 11; math.Abs(length/mean-1) > .05 {
		t.Errorf("the reference length is %v, and the mean length %v", length, mean)
	}
	for i, order := range [][]string{reversed(names), append([]string{"long"}, names...)} {
		if got, _ := weights(fmt.Sprint("c", i+2), order); !slices.Equal(got, want) {
			t.Errorf("order %v:\ngot  %v\nwant %v", order, got, want)
		}
	}
}

func reversed(names []string) []string {
	out := slices.Clone(names)
	slices.Reverse(out)
	return out
}

// beginTx begins a transaction that is rolled back at the end of the test.
func beginTx(t *testing.T, conn *pgx.Conn) pgx.Tx {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// TestLengthsAreLockedInOrder checks that when terms are extracted again, reference lengths
// are locked in the order of the languages, whatever the order of the documents. A session
// that changes lengths in that order must not deadlock with it.
func TestLengthsAreLockedInOrder(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	for i, language := range []string{"fr", "en"} {
		in := newDocument("c", fmt.Sprintf("d%d", i), newRand(), "One text.")
		in.Passages[0].LanguageCode = language
		replaceDocument(t, s, sp, in)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE collections SET terms_version = 0"); err != nil {
		t.Fatal(err)
	}
	tx := beginTx(t, conn)
	change := func(language string) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), "UPDATE term_languages SET average_length = 2 WHERE language = $1", language); err != nil {
			t.Fatalf("%s: %v", language, err)
		}
	}
	change("en")
	kept := make(chan error)
	go func() { kept <- s.KeepTerms(context.Background(), active(t, s)) }()
	waitBlocked(t, tx, 1)
	change("fr")
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-kept; err != nil {
		t.Error(err)
	}
}

// TestLanguagesInOppositeOrders checks that writers of several servers whose documents have
// new and known languages in different orders never deadlock: neither with each other, nor
// with changes of reference lengths, nor while terms are extracted again.
func TestLanguagesInOppositeOrders(t *testing.T) {
	t.Parallel()
	const writers, rounds = 6, 12
	traced := &deadlocks{}
	url := storetest.URL(t)
	var servers []*store.Store
	for range 3 {
		s, err := store.Open(store.Config{URL: url, Tracer: traced, MaxConns: 6})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		servers = append(servers, s)
	}
	conn := connect(t, url)
	sp := newCollection(t, servers[0], "c")
	languages := []string{"de", "en", "es", "fr", "it", "pt", "sv", "tr"}
	var writing, keeping sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for n := range rounds {
				in := newDocument("c", fmt.Sprintf("d%d", w), newRand(), "One text.", "Two longer texts here.", "Three.", "Four and more words.")
				in.ContentHash = fmt.Sprint(w, n)
				for i := range in.Passages {
					at := (n + i*(1+2*(w%2)) + w) % len(languages)
					if w%2 == 1 {
						at = len(languages) - 1 - at
					}
					in.Passages[i].LanguageCode = languages[at]
				}
				if _, _, err := servers[w%3].ReplaceDocument(context.Background(), sp, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	keeping.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if _, err := conn.Exec(context.Background(), "UPDATE collections SET terms_version = 0"); err != nil {
				t.Error(err)
			}
			if err := servers[n%3].KeepTerms(context.Background(), stored(t, servers[n%3], "c", sp.ID)); err != nil {
				t.Error(err)
			}
		}
	})
	writing.Wait()
	close(done)
	keeping.Wait()
	if n := traced.found.Load(); n > 0 {
		t.Errorf("%d deadlocks", n)
	}
}
