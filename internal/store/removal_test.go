package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
)

// removeAll waits until nothing is left to remove. Autovacuum may briefly lock a table
// meanwhile.
func removeAll(t *testing.T, s *store.Store, conn *pgx.Conn) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err := s.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM removals").Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d removals are left", left)
		}
	}
}

// checkRemoved reports data that is left in a database whose collections were all
// deleted.
func checkRemoved(t *testing.T, s *store.Store, conn *pgx.Conn) {
	t.Helper()
	removeAll(t, s, conn)
	var left []string
	err := conn.QueryRow(t.Context(), `SELECT ARRAY(SELECT tablename::text FROM pg_tables WHERE tablename ~ '^(centred|vectors|terms)_'
		UNION ALL SELECT document_id FROM documents UNION ALL SELECT document_id FROM passages UNION ALL SELECT document_id FROM indexed_documents)`).Scan(&left)
	if err != nil || len(left) > 0 {
		t.Errorf("left of deleted collections: %v, error %v", left, err)
	}
}

// TestNameIsFreeAtOnce checks that a collection can be created again while rows of a
// deleted collection of that name are left. It must not have those rows, and must keep its
// own rows when those are removed.
func TestNameIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	r, sp := newRand(), newCollection(t, s, "c")
	for i := range 5 {
		replaceDocument(t, s, sp, newDocument("c", fmt.Sprintf("d%d", i), r, "One.", "Two."))
	}
	before, _ := s.GetDocument(t.Context(), "c", "d1", false)
	keepRemovals(t, s, conn, func() {
		if err := s.DeleteCollection(t.Context(), "c", true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.GetDocument(t.Context(), "c", "d1", true); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("document of a deleted collection: %v, want ErrNotFound", err)
		}
		newCollection(t, s, "c")
		checkEmpty(t, s)
		sp = newCollection(t, s, "c")
		var left int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM documents").Scan(&left); err != nil || left != 5 {
			t.Errorf("%d documents are not removed yet, error %v, want 5", left, err)
		}
		for _, id := range []string{"d1", "d9"} {
			in := newDocument("c", id, newRand(), "One.", "Two.") // the first document is the same as before
			d, was, err := s.ReplaceDocument(t.Context(), sp, in)
			if err != nil || was.ETag != "" || !d.CreateTime.After(before.CreateTime) {
				t.Errorf("%s replaced %+v and was created %v, error %v", id, was, d.CreateTime, err)
			}
		}
		if err := s.DeleteDocument(t.Context(), "c", "d2", ""); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("deleting a document of the deleted collection: %v, want ErrNotFound", err)
		}
	})
	removeAll(t, s, conn)
	var rows int
	err := conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM documents) * 100 + (SELECT count(*) FROM passages) * 10 + (SELECT count(*) FROM indexed_documents)").Scan(&rows)
	if err != nil || rows != 242 {
		t.Errorf("documents, passages and indexed documents: %d, error %v, want 2, 4 and 2", rows, err)
	}
	if hits := nearest(t, s, sp, randomUnit(r), document.Filter{}, 10); len(hits) != 4 {
		t.Errorf("%d passages found, want 4", len(hits))
	}
	if c, err := s.GetCollection(t.Context(), "c"); err != nil || c.Documents != 2 || c.Passages != 4 {
		t.Errorf("collection %+v, error %v", c, err)
	}
	if err := s.DeleteCollection(t.Context(), "c", true); err != nil {
		t.Fatal(err)
	}
	checkRemoved(t, s, conn)
}

// keepRemovals runs fn while nothing can be removed in the background.
func keepRemovals(t *testing.T, s *store.Store, conn *pgx.Conn, fn func()) {
	t.Helper()
	removeAll(t, s, conn)
	_, err := conn.Exec(t.Context(), `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN IF current_query() ~ 'removals|SKIP LOCKED' THEN RAISE 'not now'; END IF; RETURN OLD; END $$;
		CREATE TRIGGER refuse BEFORE DELETE ON removals FOR EACH STATEMENT EXECUTE FUNCTION refuse();
		CREATE TRIGGER refuse BEFORE DELETE ON documents FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err != nil {
		t.Fatal(err)
	}
	fn()
	if _, err := conn.Exec(t.Context(), "DROP TRIGGER refuse ON removals; DROP TRIGGER refuse ON documents"); err != nil {
		t.Fatal(err)
	}
}

// checkEmpty checks that the collection c looks like a new one, and deletes it.
func checkEmpty(t *testing.T, s *store.Store) {
	t.Helper()
	if c, err := s.GetCollection(t.Context(), "c"); err != nil || c.Documents != 0 || c.Passages != 0 {
		t.Errorf("a new collection: %+v, error %v", c, err)
	}
	if list, err := s.ListDocuments(t.Context(), "c", document.Filter{}, "", 10); err != nil || len(list) != 0 {
		t.Errorf("documents of a new collection: %v, error %v", list, err)
	}
	if err := s.DeleteCollection(t.Context(), "c", false); err != nil {
		t.Errorf("deleting a new collection without force: %v", err)
	}
}

// TestSpaceIsMadeAgainAtOnce checks that data of a deleted space is not part of the next
// space with its id.
func TestSpaceIsMadeAgainAtOnce(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	first := newCollection(t, s, "c")
	in := newDocument("c", "a", newRand(), "One.")
	in.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}}
	keepRemovals(t, s, conn, func() {
		for range 2 {
			if err := s.CreateSpace(t.Context(), other("c")); err != nil {
				t.Fatal(err)
			}
			second := stored(t, s, "c", "other-1")
			if ready, err := s.MakeReady(t.Context(), first); ready || err != nil {
				t.Errorf("the active space became ready: %v, %v", ready, err)
			}
			in.ContentHash += "+"
			replaceDocument(t, s, first, in)
			checkProgress(t, s, second, progress{State: "BUILDING", Documents: 1, Windows: 1})
			if err := s.DeleteSpace(t.Context(), "c", "other-1"); err != nil {
				t.Fatal(err)
			}
			if err := s.CreateSpace(t.Context(), other("c")); err != nil {
				t.Fatal(err)
			}
			checkProgress(t, s, second, progress{State: "BUILDING", Documents: 1, Pending: 1})
			if err := s.DeleteSpace(t.Context(), "c", "other-1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.CreateSpace(t.Context(), other("c")); err != nil {
			t.Fatal(err)
		}
		buildDocument(t, s, stored(t, s, "c", "other-1"), "a", 1)
	})
	removeAll(t, s, conn)
	checkProgress(t, s, stored(t, s, "c", "other-1"), progress{State: "BUILDING", Documents: 1, Windows: 1})
}

// TestRemovalGoesOn checks that a large collection is removed in batches, that removal
// continues after a server died, and that two servers do not block each other.
func TestRemovalGoesOn(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	replaceDocument(t, s, sp, newDocument("c", "d", newRand(), "One."))
	_, err := conn.Exec(t.Context(), `INSERT INTO documents SELECT (d).* FROM (
			SELECT jsonb_populate_record(d, jsonb_build_object('document_id', 'e' || n)) AS d FROM documents d, generate_series(1, 5000) n) copies`)
	if err != nil {
		t.Fatal(err)
	}
	held, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), "SELECT FROM documents FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteCollection(t.Context(), "c", true); err != nil { // it does not wait for the documents, which are removed later
		t.Fatal(err)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for round := range 3 { // cancelled at any point
		ctx, die := context.WithTimeout(t.Context(), time.Duration(round+1)*15*time.Millisecond)
		_ = s.Remove(ctx)
		die()
	}
	failed := make(chan error)
	for range 2 {
		go func() { failed <- s.Remove(t.Context()) }()
	}
	if err := errors.Join(<-failed, <-failed); err != nil {
		t.Error(err)
	}
	checkRemoved(t, s, conn)
}

// TestTablesInUseStay checks that a table is dropped only when nobody reads it or builds an
// index on it. Neither the deletion nor the removal waits for that, and the collection can
// be written meanwhile.
func TestTablesInUseStay(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]string{
		"read":        "SELECT FROM %s",
		"index build": "LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE", // the lock that CREATE INDEX CONCURRENTLY takes
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, conn := openAt(t)
			first := newCollection(t, s, "c")
			if err := s.CreateSpace(t.Context(), other("c")); err != nil {
				t.Fatal(err)
			}
			second := stored(t, s, "c", "other-1")
			tx := beginTx(t, conn)
			for _, table := range []string{second.VectorTable, second.Calibration.CentredTable} {
				if _, err := tx.Exec(t.Context(), fmt.Sprintf(use, table)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.DeleteSpace(t.Context(), "c", "other-1"); err != nil {
				t.Fatal(err)
			}
			if err := s.Remove(t.Context()); err != nil {
				t.Error(err)
			}
			replaceDocument(t, s, first, newDocument("c", "d", newRand(), "One."))
			var noted int
			err := tx.QueryRow(t.Context(), "SELECT count(*) FROM removals WHERE table_name = ANY($1)", []string{second.VectorTable, second.Calibration.CentredTable}).Scan(&noted)
			if err != nil || noted != 2 {
				t.Errorf("removals of %d tables in use are noted, error %v, want 2", noted, err)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.DeleteCollection(t.Context(), "c", true); err != nil {
				t.Fatal(err)
			}
			checkRemoved(t, s, conn)
		})
	}
}

// TestDeadBuildIsRemoved checks that the generation of a dead builder is removed even if no
// other builder begins.
func TestDeadBuildIsRemoved(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	_, err := conn.Exec(t.Context(), `INSERT INTO calibrations (collection_id, space_id, generation, centred_table, heartbeat)
		VALUES ('c', $1, $2, 'centred_dead', now() - interval '2 minutes')`, sp.ID, sp.Calibration.Generation+1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE centred_dead AS SELECT * FROM "+sp.Calibration.CentredTable); err != nil {
		t.Fatal(err)
	}
	removeAll(t, s, conn)
	var left bool
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass('centred_dead') IS NOT NULL").Scan(&left); err != nil || left {
		t.Errorf("left %v, error %v", left, err)
	}
}
