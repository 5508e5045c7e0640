package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serveHTTP serves a handler over HTTP until the test ends.
func serveHTTP(t *testing.T, r *running, handler http.Handler) (url string) {
	t.Helper()
	web, err := r.srv.ListenHTTP(t.Context(), "127.0.0.1:0", handler)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- web.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return web.URL()
}

// TestSlowAnswers: a request that has arrived may take longer to answer than one may take to
// arrive.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	const limit = 200 * time.Millisecond
	r := start(t, Config{DefaultTimeout: limit}, func(context.Context) error { return nil })
	url := serveHTTP(t, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(2 * limit):
			fmt.Fprint(w, "answered")
		}
	}))
	for _, body := range []string{"", "a body"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("with body %q: %v", body, err)
		}
		answer, err := io.ReadAll(reply.Body)
		if reply.Body.Close(); err != nil || string(answer) != "answered" {
			t.Errorf("with body %q: answer %q, error %v", body, answer, err)
		}
	}
}

// TestSlowBodies: the connection of a request whose body does not arrive is closed, whether a
// handler reads the body or not.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	r := start(t, Config{DefaultTimeout: 200 * time.Millisecond}, func(context.Context) error { return nil })
	handler := http.NewServeMux()
	handler.HandleFunc("POST /read", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	handler.HandleFunc("POST /unread", func(http.ResponseWriter, *http.Request) {})
	url := serveHTTP(t, r, handler)
	for _, path := range []string{"/read", "/unread", "/absent"} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\na part", path)
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("%s: the connection stays open: %v", path, err)
		}
	}
}
