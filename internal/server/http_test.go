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

// TestSlowBodies: the connection of a request whose body does not arrive is closed, whether a
// handler reads the body or not.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	r := start(t, Config{DefaultTimeout: 200 * time.Millisecond}, func(context.Context) error { return nil })
	handler := http.NewServeMux()
	handler.HandleFunc("POST /read", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	handler.HandleFunc("POST /unread", func(http.ResponseWriter, *http.Request) {})
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
	for _, path := range []string{"/read", "/unread", "/absent"} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(web.URL(), "http://"))
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
