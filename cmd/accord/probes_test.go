package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestReadWithin: a request ends if its client does not read the answer, and other requests have
// all of their time.
func TestReadWithin(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	const more = 64 << 20 // bytes; more than the buffers of a connection hold
	server := httptest.NewServer(readWithin(300*time.Millisecond, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/short" {
			return
		}
		_, err := w.Write(make([]byte, more))
		ended <- err
	})))
	t.Cleanup(server.Close)
	w := web{url: server.URL}
	conn := w.reluctant(t)
	if _, err := conn.Write([]byte("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the whole answer was sent to a client that does not read it")
		}
	case <-limited(t).Done():
		t.Fatal("the request does not end")
	}
	if got := get(t, server.URL+"/short"); got != http.StatusOK {
		t.Errorf("another client gets %d", got)
	}
}
