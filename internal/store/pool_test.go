package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestFewConnections: if Postgres lets the store have fewer connections than the pool may have,
// statements wait for these and do not fail. When there is room again, the pool uses it. Without
// any connection, statements fail at once.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	const few, most, callers, calls = 2, 8, 16, 20
	admin, role, limited := limitedRole(t)
	limit := func(connections int) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), fmt.Sprintf("ALTER ROLE %s CONNECTION LIMIT %d", role, connections)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(store.Config{URL: limited, MaxConns: most})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	limit(0)
	if _, err := s.ListCollections(t.Context(), "", 1); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a connection: %v", err)
	}
	limit(few)
	busy := func() {
		t.Helper()
		failed := make(chan error)
		for range callers {
			go func() {
				for range calls {
					_, err := s.ListCollections(t.Context(), "", 1)
					failed <- err
				}
			}()
		}
		for range callers * calls {
			if err := <-failed; err != nil {
				t.Errorf("a read fails although there are connections: %v", err)
			}
		}
	}
	end := time.Now().Add(time.Minute)
	for { // until the pool has a connection
		if _, err := s.ListCollections(t.Context(), "", 1); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatalf("with room for %d connections: %v", few, err)
		}
	}
	busy()
	limit(-1)
	for open := 0; open <= few; {
		if time.Now().After(end) {
			t.Fatalf("the pool has %d connections although there is room for more", open)
		}
		busy()
		if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", role).Scan(&open); err != nil {
			t.Fatal(err)
		}
	}
}

// limitedRole returns a connection of the administrator to a new database, a role that is bound
// by limits of connections, and the URL with which it connects.
func limitedRole(t *testing.T) (admin *pgx.Conn, role, limited string) {
	t.Helper()
	u, err := url.Parse(storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	if admin, err = pgx.Connect(t.Context(), u.String()); err != nil {
		t.Fatal(err)
	}
	role = "few" + u.Path[len("/accord_test_"):]
	if _, err := admin.Exec(t.Context(), fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'few' IN ROLE %s", role, pgx.Identifier{admin.Config().User}.Sanitize())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), "DROP ROLE "+role); err != nil {
			t.Error(err)
		}
		admin.Close(context.Background())
	})
	u.User = url.UserPassword(role, "few")
	return admin, role, u.String()
}
