package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestMemoryIsBounded checks that a store keeps data about a bounded number of collections
// and spaces.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	if most, bound := s.RememberMany(t.Context()); most > bound {
		t.Errorf("%d collections are remembered, want at most %d", most, bound)
	}
	sp := newCollection(t, s, "c")
	replaceDocument(t, s, sp, newDocument("c", "d", newRand(), "One."))
	recalibrate(t, s)
	waitFor(t, func() bool { return s.IndexLocks() == 0 })
}

// TestCloseEndsCalls checks that Close ends reads and writes whose contexts do not end.
func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	newCollection(t, s, "c")
	conn := connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "LOCK TABLE documents, collections IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	shared, failed := context.WithoutCancel(t.Context()), make(chan error)
	go func() { failed <- s.DeleteDocument(shared, "c", "d", "") }()
	go func() {
		_, err := s.ListDocuments(shared, "c", document.Filter{}, "", 1)
		failed <- err
	}()
	waitBlocked(t, tx, 2)
	s.Close()
	for range 2 {
		if err := <-failed; !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	}
}

// TestCloseIsNoFailure checks that a store that is closed does not log that its removals
// failed.
func TestCloseIsNoFailure(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	conn := connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "LOCK TABLE calibrations, removals IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := store.Open(store.Config{URL: url, Timeout: time.Hour, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	waitBlocked(t, tx, 1)
	s.Stop()
	time.Sleep(200 * time.Millisecond) // the round of removals ends, and its end could be logged
	s.Close()
	if log.Len() > 0 { // nothing writes to it after Close
		t.Errorf("the log has %s", log.String())
	}
}

// waitBlocked waits until the given number of sessions of the database wait for locks. It does
// not read pg_stat_activity, which does not change within a transaction. Each session has a lock
// on a table of its database.
func waitBlocked(t *testing.T, tx pgx.Tx, n int) {
	t.Helper()
	waitFor(t, func() bool {
		var blocked int
		err := tx.QueryRow(t.Context(), `SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (
			SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&blocked)
		if err != nil {
			t.Fatal(err)
		}
		return blocked >= n
	})
}
