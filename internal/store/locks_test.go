package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

const steadyWriters = 12

// TestExclusiveStepsGetTheirTurn checks that every exclusive step completes although
// writers of two servers never stop, that the writers continue afterwards, and that no
// write fails or deadlocks. The writers end only when their collection is deleted.
func TestExclusiveStepsGetTheirTurn(t *testing.T) {
	url := storetest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	var servers []*store.Store
	for range 2 {
		s, err := store.Open(store.Config{URL: url, MaxConns: steadyWriters})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		servers = append(servers, s)
	}
	s := servers[0]
	sp := newCollection(t, s, "c")
	if err := s.CreateSpace(t.Context(), other("c")); err != nil {
		t.Fatal(err)
	}
	if ready, err := s.MakeReady(t.Context(), stored(t, s, "c", "other-1")); err != nil || !ready {
		t.Fatalf("ready %v, error %v", ready, err)
	}
	// Each write of a document takes 200 ms, during which it holds all its locks.
	_, err = conn.Exec(t.Context(), `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(.2); RETURN NULL; END $$;
		CREATE TRIGGER slowly AFTER INSERT OR UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION slowly()`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		writers sync.WaitGroup
		written atomic.Int64
	)
	ctx, stop := context.WithCancel(context.Background())
	defer writers.Wait()
	defer stop()
	for writer := range steadyWriters {
		writers.Go(func() {
			for n := 0; ; n++ {
				in := newDocument("c", fmt.Sprintf("d%d", writer), newRand(), fmt.Sprintf("Text %d.", n))
				in.ContentHash = fmt.Sprint(n)
				in.Others = map[string][][]document.Window{"other-1": {{window([]float32{1, 0})}}}
				_, _, err := servers[writer%2].ReplaceDocument(ctx, sp, in)
				switch {
				case err == nil:
					written.Add(1)
				case errors.Is(err, document.ErrNotFound), ctx.Err() != nil:
					return
				default:
					t.Errorf("write %d: %v", n, err)
					return
				}
			}
		})
	}
	allWrite := func() {
		t.Helper()
		before := written.Load()
		waitFor(t, func() bool { return written.Load() >= before+2*steadyWriters })
	}
	allWrite()
	for _, step := range exclusiveSteps(t, s) {
		start := time.Now()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		t.Logf("%s beside %d writers: %v", step.name, steadyWriters, time.Since(start))
		if !step.last {
			allWrite()
		}
	}
	writers.Wait()
	var deadlocks int
	if err := conn.QueryRow(t.Context(), "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&deadlocks); err != nil || deadlocks > 0 {
		t.Errorf("%d deadlocks, error %v", deadlocks, err)
	}
}

type exclusiveStep struct {
	name string
	do   func() error
	last bool // whether the writers end with this step
}

// exclusiveSteps are the exclusive steps of the collection c. The last one deletes it.
func exclusiveSteps(t *testing.T, s *store.Store) []exclusiveStep {
	var swap func() error
	return []exclusiveStep{
		{"a generation, begun, filled and swapped in", func() error {
			built, err := s.Recalibrate(t.Context(), active(t, s))
			if err == nil && !built {
				err = errors.New("not built")
			}
			return err
		}, false},
		{"the beginning of another", func() (err error) {
			swap, err = s.Begin(t.Context(), active(t, s))
			return err
		}, false},
		{"swap", func() error { return swap() }, false},
		{"activation", func() error { return s.ActivateSpace(t.Context(), "c", "other-1") }, false},
		{"activation back", func() error { return s.ActivateSpace(t.Context(), "c", "test-1") }, false},
		{"deletion of a space", func() error { return s.DeleteSpace(t.Context(), "c", "other-1") }, false},
		{"deletion", func() error { return s.DeleteCollection(t.Context(), "c", true) }, true},
	}
}

// lockedDocuments returns a store with the document d of collection c, and a transaction that
// locks the table of documents.
func lockedDocuments(t *testing.T) (*store.Store, pgx.Tx) {
	t.Helper()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	replaceDocument(t, s, sp, newDocument("c", "d", newRand(), "One text."))
	tx := beginTx(t, conn)
	if _, err := tx.Exec(t.Context(), "LOCK TABLE documents IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return s, tx
}

// TestLockedUntilDeadline checks that a write that waits for a lock until shortly before its
// caller's deadline fails with ErrLocked, and not with the deadline.
func TestLockedUntilDeadline(t *testing.T) {
	t.Parallel()
	s, _ := lockedDocuments(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // the answer has a tenth of it
	defer cancel()
	if err := s.DeleteDocument(ctx, "c", "d", ""); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// TestLockedReads checks that a read ends with ErrLocked, long before its deadline, if a check has
// found the tables locked, and that reads succeed when the lock is gone.
func TestLockedReads(t *testing.T) {
	t.Parallel()
	s, tx := lockedDocuments(t)
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrLocked) {
		t.Fatalf("the check: %v, want ErrLocked", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second) // less than lock_timeout
	defer cancel()
	if _, err := s.GetDocument(ctx, "c", "d", false); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a read: %v, want ErrLocked", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GetDocument(t.Context(), "c", "d", false); err != nil {
		t.Errorf("a read without the lock: %v", err)
	}
}
