// Package storetest gives each test a separate database. It clones a migrated template
// on the Postgres server that ACCORD_TEST_DATABASE_URL names.
package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/store"
)

// template is the migrated database that is cloned.
const template = "accord_template"

// Empty returns the URL of a new database without a schema, which is dropped at the end of
// the test. Without a server the test is skipped; `make test` always has a server.
func Empty(t testing.TB) string {
	t.Helper()
	return clone(t, serverURL(t), "template1")
}

// URL is like Empty, for a database with the schema.
func URL(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	// Tests of several packages run concurrently, each in its own process. A database
	// cannot be cloned while another process is migrating it.
	conn := connect(t, server)
	defer conn.Close(context.Background())
	execute(t, conn, "SELECT pg_advisory_lock(hashtext('"+template+"'))")
	var exists bool
	err := conn.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", template).Scan(&exists)
	if err != nil {
		t.Fatal(err)
	}
	if !exists {
		execute(t, conn, "CREATE DATABASE "+template)
	}
	if _, err := store.Migrate(context.Background(), withDatabase(t, server, template)); err != nil {
		t.Fatal(err)
	}
	return clone(t, server, template)
}

// Kept returns the URL of the database with the given name, which stays on the server after
// the test. If it does not exist, Kept creates it with the schema and calls fill. Kept must
// not be called concurrently.
func Kept(t testing.TB, name string, fill func(url string)) string {
	t.Helper()
	server := serverURL(t)
	conn := connect(t, server)
	defer conn.Close(context.Background())
	var exists bool
	if err := conn.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if !exists {
		building := name + "_building"
		execute(t, conn, "DROP DATABASE IF EXISTS "+building+" WITH (FORCE)")
		execute(t, conn, "CREATE DATABASE "+building)
		url := withDatabase(t, server, building)
		if _, err := store.Migrate(context.Background(), url); err != nil {
			t.Fatal(err)
		}
		fill(url)
		execute(t, conn, "ALTER DATABASE "+building+" RENAME TO "+name)
	}
	if _, err := store.Migrate(context.Background(), withDatabase(t, server, name)); err != nil {
		t.Fatal(err)
	}
	return withDatabase(t, server, name)
}

// Open returns a store over a new database with the schema.
func Open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	cfg.URL = URL(t)
	s, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func serverURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("ACCORD_TEST_DATABASE_URL")
	if server == "" {
		t.Skip("ACCORD_TEST_DATABASE_URL is not set; `make test` starts Postgres and sets it")
	}
	return server
}

func clone(t testing.TB, server, from string) string {
	t.Helper()
	name := "accord_test_" + strings.ToLower(rand.Text()[:12])
	conn := connect(t, server)
	defer conn.Close(context.Background())
	execute(t, conn, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, from))
	t.Cleanup(func() {
		conn := connect(t, server)
		defer conn.Close(context.Background())
		execute(t, conn, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return withDatabase(t, server, name)
}

func connect(t testing.TB, server string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), server)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func execute(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
