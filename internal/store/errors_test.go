package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestErrorsByState checks that a failed write returns the sentinel for its SQLSTATE,
// whatever the language of the message.
func TestErrorsByState(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	_, err := conn.Exec(t.Context(), `CREATE TABLE raised (state text NOT NULL);
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN RAISE 'Anweisung wurde abgebrochen' USING ERRCODE = (SELECT state FROM raised); END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON documents FOR EACH STATEMENT EXECUTE FUNCTION refuse()`)
	if err != nil {
		t.Fatal(err)
	}
	for state, want := range map[string]error{
		"57014": store.ErrUnavailable, "55P03": store.ErrUnavailable, "25006": store.ErrUnavailable, "25P03": store.ErrUnavailable,
		"25P04": store.ErrUnavailable, "57P01": store.ErrUnavailable, "57P02": store.ErrUnavailable, "57P03": store.ErrUnavailable,
		"53300": store.ErrUnavailable, "08006": store.ErrUnavailable,
		"28000": store.ErrDenied, "28P01": store.ErrDenied, "42501": store.ErrDenied, "3D000": store.ErrDenied,
		"40P01": document.ErrChanged, "40001": document.ErrChanged, "42703": store.ErrSchema, "3F000": store.ErrSchema,
	} {
		if _, err := conn.Exec(t.Context(), "WITH before AS (DELETE FROM raised) INSERT INTO raised VALUES ($1)", state); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", "d", newRand(), "Text.")); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", state, err, want)
		}
	}
}

// TestDroppedTable checks that a missing table counts as a conflict if the database has the
// schema, and otherwise as an error of the schema, whatever the language of the messages.
func TestDroppedTable(t *testing.T) {
	t.Parallel()
	missing := fmt.Errorf("count: %w", &pgconn.PgError{Severity: "FEHLER", Code: "42P01", Message: "Relation »vectors_7« existiert nicht"})
	if err := storetest.Open(t, store.Config{}).Classify(t.Context(), missing); !errors.Is(err, document.ErrChanged) || errors.Is(err, store.ErrSchema) {
		t.Errorf("with the schema: %v, want ErrChanged", err)
	}
	empty, err := store.Open(store.Config{URL: storetest.Empty(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if err := empty.Classify(t.Context(), missing); !errors.Is(err, store.ErrSchema) || errors.Is(err, document.ErrChanged) {
		t.Errorf("without the schema: %v, want ErrSchema", err)
	}
}

// newRole creates a role with the password "first". It returns its name and its URL of the
// database.
func newRole(t *testing.T, conn *pgx.Conn, admin, options string) (role, through string) {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	role = "role" + u.Path[len("/accord_test_"):]
	if _, err := conn.Exec(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD 'first' "+options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	u.User = url.UserPassword(role, "first")
	return role, u.String()
}

// TestDenied checks that a wrong password and a missing privilege fail at once.
func TestDenied(t *testing.T) {
	t.Parallel()
	admin := storetest.URL(t)
	conn := connect(t, admin)
	role, through := newRole(t, conn, admin, "")
	// Only the test's own time limit ends a call that waits.
	s, err := store.Open(store.Config{URL: through, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check := func(what string) {
		t.Helper()
		if _, err := s.GetCollection(t.Context(), "c"); !errors.Is(err, store.ErrDenied) {
			t.Errorf("read with %s: %v, want ErrDenied", what, err)
		}
		if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, store.ErrDenied) {
			t.Errorf("write with %s: %v, want ErrDenied", what, err)
		}
	}
	check("a missing privilege")
	if _, err := conn.Exec(t.Context(), "ALTER ROLE "+role+" PASSWORD 'second'"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = $1", role); err != nil {
		t.Fatal(err)
	}
	for range 20 { // until the earlier connections have ended
		if _, err := s.GetCollection(t.Context(), "c"); !errors.Is(err, store.ErrUnavailable) {
			break
		}
	}
	check("a password that was changed")
}

// TestReadOnlyServer checks that writes fail with ErrUnavailable while the server accepts
// only reads, and succeed as soon as new connections accept writes.
func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	admin := storetest.URL(t)
	conn := connect(t, admin)
	set := func(value string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), fmt.Sprintf(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET default_transaction_read_only = %s', current_database()); END $$`, value))
		if err != nil {
			t.Fatal(err)
		}
	}
	set("on")
	s, err := store.Open(store.Config{URL: admin})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.GetCollection(t.Context(), "c"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("read: %v, want ErrNotFound", err)
	}
	if _, err := conn.Exec(t.Context(), "SET default_transaction_read_only = off"); err != nil {
		t.Fatal(err)
	}
	set("off")
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("write: %v, want ErrUnavailable", err)
	}
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("write over a new connection: %v, want ErrNotFound", err)
	}
}

// TestStandby checks that writes to a standby fail with ErrUnavailable until it is
// promoted.
func TestStandby(t *testing.T) {
	t.Parallel()
	standby := storetest.NewCluster(t).Replica
	s, err := store.Open(store.Config{URL: standby.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("write to a standby: %v, want ErrUnavailable", err)
	}
	standby.Exec(t, "SELECT pg_promote()")
	if err := s.DeleteDocument(t.Context(), "c", "d", ""); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("write after its promotion: %v, want ErrNotFound", err)
	}
}

// connect opens a connection that is closed at the end of the test.
func connect(t testing.TB, connection string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
