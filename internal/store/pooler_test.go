package store_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// preparations counts the statements that are prepared under a name.
type preparations struct{ n atomic.Int64 }

func (*preparations) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (*preparations) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (p *preparations) TracePrepareStart(ctx context.Context, _ *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	if data.Name != "" {
		p.n.Add(1)
	}
	return ctx
}

func (*preparations) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}

// TestPrepares checks that statements are prepared under names only if that is safe: the
// connection leads to a backend of its own, and the URL sets no other mode.
func TestPrepares(t *testing.T) {
	t.Parallel()
	direct := storetest.URL(t)
	with := func(change func(u *url.URL)) string {
		u, err := url.Parse(direct)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	for name, tc := range map[string]struct {
		url  string
		want bool
	}{
		"direct": {direct, true},
		"pooler": {with(func(u *url.URL) { u.Host = renumber(t, u.Host) }), false},
		"told":   {with(func(u *url.URL) { u.RawQuery += "&default_query_exec_mode=cache_describe" }), false},
	} {
		var prepared preparations
		s, err := store.Open(store.Config{URL: tc.url, Tracer: &prepared})
		if err != nil {
			t.Fatal(err)
		}
		newCollection(t, s, "c"+name)
		if _, err := s.Spaces(t.Context(), "c"+name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
		if got := prepared.n.Load() > 0; got != tc.want {
			t.Errorf("%s: prepared %v, want %v", name, got, tc.want)
		}
	}
}

// renumber relays connections to a Postgres server. Like a transaction pooler, it reports
// other process ids than the server's.
func renumber(t *testing.T, server string) (addr string) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go relayRenumbered(client, server)
		}
	}()
	return listener.Addr().String()
}

func relayRenumbered(client net.Conn, server string) {
	defer client.Close()
	var dialer net.Dialer
	backend, err := dialer.DialContext(context.Background(), "tcp", server)
	if err != nil {
		return
	}
	defer backend.Close()
	go func() { _, _ = io.Copy(backend, client) }()
	buffer := make([]byte, 1<<16)
	for keyed := false; ; {
		n, err := backend.Read(buffer)
		if err != nil {
			return
		}
		// This is BackendKeyData of protocol 3.0: type, length 12, process number,
		// secret.
		if i := bytes.Index(buffer[:n], []byte{'K', 0, 0, 0, 12}); i >= 0 && !keyed {
			buffer[i+5] ^= 1
			keyed = true
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
