package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestRerankFlags: searches use the configured reranking server, unless --no-rerank is set.
func TestRerankFlags(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/rerank" || r.Header.Get("Authorization") != "Bearer k" {
			http.NotFound(w, r)
			return
		}
		embedtest.Answer(http.StatusOK, `[{"index":0,"score":0.25}]`).ServeHTTP(w, r)
	}))
	addr := serveInstant(t, "--rerank-url", "tei+"+server.URL, "--rerank-api-key", "k", "--rerank-candidates", "1")
	file := writeFile(t, t.TempDir(), "a.txt", "Ports\n\nThe port opened when the ship came in.\n")
	mustAccord(t, "ingest", "--addr", addr, file)
	asked.Store(0)
	if out := mustAccord(t, "search", "--addr", addr, "-o", "json", "--no-rerank", "port"); strings.Contains(out, `"rerank":`) || asked.Load() > 0 {
		t.Errorf("--no-rerank: %d requests: %s", asked.Load(), out)
	}
	if out := strings.ReplaceAll(mustAccord(t, "search", "--addr", addr, "-o", "json", "port"), " ", ""); !strings.Contains(out, `"rerank":0.25`) {
		t.Errorf("%d requests: %s", asked.Load(), out)
	}
	for _, flags := range [][]string{{"--rerank-candidates", "201"}, {"--rerank-candidates", "0"}, {"--rerank-max-tokens", "0"}, {"--rerank-timeout", "0s"}} {
		code, _, errOut := accord(t, append([]string{"serve", "--database-url", "postgres://x", "--embedding-url", server.URL}, flags...)...)
		if code != 2 || !strings.Contains(errOut, "must be") {
			t.Errorf("%v: exit code %d, %q", flags, code, errOut)
		}
	}
}
