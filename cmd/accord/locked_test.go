package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestLocked: if another client holds a lock, the error says so.
func TestLocked(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	a := newAPI(t, serve(t, "--database-url", url, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--database-timeout", "2s"))
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		mode string // the weakest mode that blocks the call
		call func(context.Context) error
	}{{"SHARE", a.write}, {"ACCESS EXCLUSIVE", a.get}} {
		if _, err := tx.Exec(t.Context(), "LOCK TABLE documents IN "+test.mode+" MODE"); err != nil {
			t.Fatal(err)
		}
		if err := do(t, test.call); status.Code(err) != codes.Unavailable || reason(err) != "DATABASE_LOCKED" {
			t.Errorf("a call that a lock in mode %s is in the way of: %v with reason %q, want DATABASE_LOCKED", test.mode, err, reason(err))
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := do(t, a.write); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestLockedUntilDeadline: a write that waits for a lock says so before its deadline, even if the
// database may take longer.
func TestLockedUntilDeadline(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	a := newAPI(t, serve(t, "--database-url", url, "--embedding-url", embedtest.Serve(t, newModel()).URL))
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) // ends the transaction
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE documents IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // the answer has a tenth of it
	defer cancel()
	if err := a.write(ctx); status.Code(err) != codes.Unavailable || reason(err) != "DATABASE_LOCKED" {
		t.Errorf("%v with reason %q, want DATABASE_LOCKED", err, reason(err))
	}
}
