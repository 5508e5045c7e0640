package main

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHTTPHead: a HEAD gets the header of the GET, and no body.
func TestHTTPHead(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	put, _ := w.do(t, http.MethodPut, webNote, `{"text":"The port of Chancay opened in 2024."}`)
	known := w.with("If-None-Match", put.header.Get("ETag"))
	for _, test := range []struct {
		w    web
		path string
		code int
	}{
		{w, webNote, http.StatusOK},
		{known, webNote, http.StatusNotModified},
		{w, webDocuments, http.StatusOK},
		{w, "/v1/collections", http.StatusOK},
		{w, webDocuments + "/absent", http.StatusNotFound},
		{w, webNote + "?x=y", http.StatusBadRequest},
		{w, "/v1/absent", http.StatusNotFound},
		{w, webDocuments + ":search", http.StatusMethodNotAllowed},
		{w, "/openapi.json", http.StatusOK},
		{w, "/v1/vector_stores/default", http.StatusOK},
	} {
		get, _ := test.w.do(t, http.MethodGet, test.path, "")
		got, body := test.w.do(t, http.MethodHead, test.path, "")
		if got.code != test.code || body != "" {
			t.Errorf("HEAD %s: %d, %q; want %d", test.path, got.code, body, test.code)
		}
		for _, each := range []string{"Date", "Accord-Request-Id", "X-Request-Id", "Accord-Trace-Id"} { // differ for each request
			get.header.Del(each)
			got.header.Del(each)
		}
		if diff := cmp.Diff(get.header, got.header); diff != "" {
			t.Errorf("HEAD %s (-GET +HEAD):\n%s", test.path, diff)
		}
	}
}
