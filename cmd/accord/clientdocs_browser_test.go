package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// runBrowserSection runs the script of a section in a page of another origin, in Chromium.
func runBrowserSection(t *testing.T, s clientSection) string {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>A page</title>"))
	}))
	t.Cleanup(page.Close)
	w := serveWeb(t, "--http-cors-origins", page.URL)
	b := openBrowser(t, page.URL)
	b.open(t, "/")
	script := strings.ReplaceAll(s.blocks["javascript"], "http://localhost:8080", w.url)
	return tell[string](t, b, `(async () => {
		let printed = "";
		const console = { log: (...values) => { printed += values.join(" ") + "\n"; } };
		`+script+`
		return printed;
	})()`)
}
