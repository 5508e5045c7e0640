package main

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// refusing is a database and a role that a server uses.
type refusing struct {
	conn      *pgx.Conn // of the administrator
	role, url string    // of the server
}

func newRefusing(t *testing.T) refusing {
	t.Helper()
	admin := storetest.URL(t)
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	r := refusing{conn: conn, role: "refused" + u.Path[len("/accord_test_"):]}
	r.execute(t, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'first' IN ROLE %s", r.role, pgx.Identifier{conn.Config().User}.Sanitize()))
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "DROP OWNED BY "+r.role+"; DROP ROLE "+r.role); err != nil {
			t.Error(err)
		}
		conn.Close(context.Background())
	})
	u.User = url.UserPassword(r.role, "first")
	r.url = u.String()
	return r
}

func (r refusing) execute(t *testing.T, sql string) {
	t.Helper()
	if _, err := r.conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// disconnect ends all connections of the role.
func (r refusing) disconnect(t *testing.T) {
	t.Helper()
	r.execute(t, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '"+r.role+"'")
}

// TestDatabaseRefuses: if Postgres refuses the server's password, or has no connection left for
// it, calls fail at once with the reason, and the health checks of all services fail.
// Afterwards everything works again.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, harm, repair string
		code               codes.Code
		reason             string
	}{
		{"changed password", "ALTER ROLE %s PASSWORD 'second'", "ALTER ROLE %s PASSWORD 'first'", codes.FailedPrecondition, "DATABASE_ACCESS_DENIED"},
		{"exhausted connections", "ALTER ROLE %s CONNECTION LIMIT 0", "ALTER ROLE %s CONNECTION LIMIT -1", codes.Unavailable, "DATABASE_UNAVAILABLE"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			r := newRefusing(t)
			a := newAPI(t, serve(t, "--database-url", r.url, "--embedding-url", embedtest.Serve(t, newModel()).URL))
			healthy := func(want bool) {
				t.Helper()
				for _, service := range []string{searchService, ingestService, collectionService} {
					a.healthy(t, want, service)
				}
			}
			healthy(true)
			if err := do(t, a.write); err != nil {
				t.Fatal(err)
			}
			r.execute(t, fmt.Sprintf(test.harm, r.role))
			r.disconnect(t)
			healthy(false)
			for what, call := range map[string]func(context.Context) error{"Search": a.ask, "GetDocument": a.get, "UpsertDocument": a.write} {
				var err error
				eventually(t, func() bool { // a call over a connection that has just been closed gets UNAVAILABLE
					err = do(t, call)
					return reason(err) != "DATABASE_UNAVAILABLE" || test.reason == "DATABASE_UNAVAILABLE"
				})
				if status.Code(err) != test.code || reason(err) != test.reason {
					t.Errorf("%s: %v with reason %q, want %v with %s", what, err, reason(err), test.code, test.reason)
				}
			}
			r.execute(t, fmt.Sprintf(test.repair, r.role))
			healthy(true)
			if err := do(t, a.write); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
