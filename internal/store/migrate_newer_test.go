package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestNewerSchema checks that a server does not begin to work on a schema of a newer binary, and
// that one that already works goes on.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	open := func() *store.Store {
		t.Helper()
		s, err := store.Open(store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	running, conn := open(), connect(t, url)
	if err := running.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "INSERT INTO schema_migrations (version, name) VALUES (9999, 'newer')"); err != nil {
		t.Fatal(err)
	}
	if err := running.Ping(t.Context()); err != nil {
		t.Errorf("a running server: %v", err)
	}
	started := open()
	if err := started.Ping(t.Context()); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "9999") {
		t.Errorf("a server that starts: %v, want ErrSchema", err)
	}
	if _, err := conn.Exec(t.Context(), "DELETE FROM schema_migrations WHERE version = 9999"); err != nil {
		t.Fatal(err)
	}
	if err := started.Ping(t.Context()); err != nil {
		t.Errorf("after the roll-back: %v", err)
	}
}
