package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// reluctant opens a connection that takes only a few bytes at a time from the server.
func (w web) reluctant(t *testing.T) net.Conn {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		if failed := raw.Control(func(socket uintptr) {
			err = syscall.SetsockoptInt(int(socket), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048)
		}); failed != nil {
			return failed
		}
		return err
	}}
	conn, err := dialer.DialContext(limited(t), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestSlowReaders: visitors who do not read a long page do not block other visitors, however many
// they are.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	// The page has more bytes than the buffers of a connection: it is four times as long as the text.
	w.put(t, "long", map[string]any{"text": strings.Repeat(strings.Repeat(`""""b"""" `, 1000)+"\n\n", 80), "languageCode": "en"})
	for range 33 {
		conn := w.reluctant(t)
		fmt.Fprintf(conn, "GET /read/collections/default/documents/long HTTP/1.1\r\nHost: localhost\r\n\r\n")
		begun := make([]byte, len("HTTP/1.1 200"))
		if _, err := conn.Read(begun); err != nil || string(begun) != "HTTP/1.1 200" {
			t.Fatalf("the page begins with %q: %v", begun, err)
		}
	}
	w.want(t, http.StatusOK, http.MethodGet, "/?mode=words&q=b", "")
	w.want(t, http.StatusOK, http.MethodGet, "/read/collections/default/documents/long", "")
}
