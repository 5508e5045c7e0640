package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// sendHead sends the head of a request, which announces a body of the given size, but not
// the body.
func (w web) sendHead(t *testing.T, method, path, credential string, size int) net.Conn {
	t.Helper()
	address := strings.TrimPrefix(w.url, "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nAuthorization: %s\r\n\r\n", method, path, address, size, credential); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestHTTPStrangersSendNothing: over HTTP, callers who may not make a call are refused before
// their body has arrived.
func TestHTTPStrangersSendNothing(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--auth", "keys")
	reader := "Bearer " + guarded{addr: w.addr, database: w.database}.key(t)
	for _, test := range []struct {
		method, path, credential string
		code                     int
	}{
		{http.MethodPut, webNote, "", http.StatusUnauthorized},
		{http.MethodPost, webDocuments + ":search", "Bearer garbage", http.StatusUnauthorized},
		{http.MethodPost, webDocuments + ":import", "", http.StatusUnauthorized},
		{http.MethodPut, webNote, reader, http.StatusForbidden},
		{http.MethodPost, webDocuments + ":import", reader, http.StatusForbidden},
		{http.MethodPost, "/v1/absent", "", http.StatusNotFound},
	} {
		what := test.method + " " + test.path
		answer, err := http.ReadResponse(bufio.NewReader(w.sendHead(t, test.method, test.path, test.credential, 1000)), nil)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != test.code {
			t.Errorf("%s: %d, want %d", what, answer.StatusCode, test.code)
		}
		if test.code != http.StatusNotFound && (answer.Header.Get("WWW-Authenticate") == "" || answer.Header.Get("Accord-Request-Id") == "") {
			t.Errorf("%s: the header of a refusal: %v", what, answer.Header)
		}
	}
}

// TestHTTPBodiesEnd: a body that does not arrive does not keep a connection after the answer,
// whoever answers.
func TestHTTPBodiesEnd(t *testing.T) {
	t.Parallel()
	w := serveWeb(t, "--default-timeout", "2s")
	for _, path := range []string{"/v1/collections/NO-ID/documents:import", "/v1/absent", "/metrics", "/docs", "/mcp/absent"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if _, err := io.Copy(io.Discard, w.sendHead(t, http.MethodPost, path, "", 1000)); err != nil {
				t.Errorf("the connection stays open: %v", err)
			}
		})
	}
}

// TestHTTPBodiesInAll: HTTP bodies and lines of imports that are still arriving count
// towards the limit of requests in memory, together with gRPC requests. Small requests are
// still accepted.
func TestHTTPBodiesInAll(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	rpc := guarded{addr: w.addr}.dial(t, "")
	ask := func() codes.Code { // a large request: refused as invalid if there is room for it in memory
		_, err := rpc.search.Search(limited(t), &accordv1.SearchRequest{Query: strings.Repeat("a", 8<<20)})
		return status.Code(err)
	}
	if code := ask(); code != codes.InvalidArgument {
		t.Fatalf("a large request: %v", code)
	}
	var unfinished []net.Conn
	for _, path := range []string{":search", ":delete", ":import"} {
		const size = 41 << 20 // three bodies nearly reach the limit
		conn := w.sendHead(t, http.MethodPost, webDocuments+path, "", size)
		if _, err := conn.Write(bytes.Repeat([]byte{' '}, size-1)); err != nil {
			t.Fatal(err)
		}
		unfinished = append(unfinished, conn)
	}
	eventually(t, func() bool { return ask() == codes.ResourceExhausted })
	answer, body := w.do(t, http.MethodPost, webDocuments+":search", strings.Repeat(" ", 8<<20)+`{"query":"port"}`)
	if answer.code != http.StatusTooManyRequests || answer.header.Get("Retry-After") == "" || !strings.Contains(body, "OVERLOADED") {
		t.Errorf("a body too many: %d, %v, %s", answer.code, answer.header, body)
	}
	if body := w.want(t, http.StatusTooManyRequests, http.MethodPost, webDocuments+":import", strings.Repeat(" ", 8<<20)); !strings.Contains(body, "OVERLOADED") {
		t.Errorf("a line too many: %s", body)
	}
	w.want(t, http.StatusOK, http.MethodPost, webDocuments+":search", `{"query":"port"}`)
	for _, conn := range unfinished {
		conn.Close()
	}
	eventually(t, func() bool { return ask() == codes.InvalidArgument })
}
