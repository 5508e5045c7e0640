package store_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestPingWithoutConnection checks that Ping fails if Postgres has one connection left, which
// either Ping or calls can have, and succeeds without a limit.
func TestPingWithoutConnection(t *testing.T) {
	t.Parallel()
	admin := storetest.URL(t)
	conn := connect(t, admin)
	role, through := newRole(t, conn, admin, "CONNECTION LIMIT 1 IN ROLE "+pgx.Identifier{conn.Config().User}.Sanitize())
	s, err := store.Open(store.Config{URL: through})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("with one connection: %v, want ErrUnavailable", err)
	}
	if _, err := conn.Exec(t.Context(), "ALTER ROLE "+role+" CONNECTION LIMIT -1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}
