package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/accord-search/accord/internal/embed/embedtest"
)

// TestAdminPages: the administration shows all collections, page by page. If there are too many
// for a list of choices, its form and the search form have a field for a collection's name.
func TestAdminPages(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	seen := map[string]bool{}
	const count = 101
	for i := range count {
		w.want(t, http.StatusOK, http.MethodPost, "/v1/collections", fmt.Sprintf(`{"collectionId":"c%03d"}`, i))
	}
	pages := 0
	for path := "/admin"; path != ""; pages++ {
		page := w.want(t, http.StatusOK, http.MethodGet, path, "")
		for i := range count {
			if id := fmt.Sprintf("c%03d", i); strings.Contains(page, `<a href="/?in=`+id+`">`) {
				seen[id] = true
			}
		}
		_, rest, more := strings.Cut(page, `rel="next" href="`)
		if path = ""; more {
			path, _, _ = strings.Cut(rest, `"`)
		}
		if !strings.Contains(page, `<input name="in"`) {
			t.Errorf("the form cannot name a collection: %s", page)
		}
	}
	if len(seen) != count || pages != 6 {
		t.Errorf("%d collections on %d pages", len(seen), pages)
	}
	if page := w.want(t, http.StatusOK, http.MethodGet, "/?in=c077", ""); !strings.Contains(page, `<input name="in" value="c077"`) {
		t.Errorf("the search cannot name a collection: %s", page)
	}
	last := fmt.Sprintf("c%03d", count-1)
	w.want(t, http.StatusOK, http.MethodPut, "/v1/collections/"+last+"/documents/a", `{"text":"The port opened."}`)
	if page := w.want(t, http.StatusOK, http.MethodGet, "/?mode=words&q=xyzzy&in="+last, ""); !strings.Contains(page, "Nothing was found") {
		t.Errorf("a search that finds nothing in a collection that the form does not offer: %s", page)
	}
	w.want(t, http.StatusBadRequest, http.MethodGet, "/admin?after=nowhere", "")
}

// TestModelServers: the administration and accord status say which model servers answer, and
// since when.
func TestModelServers(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	reranker := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			embedtest.Answer(http.StatusServiceUnavailable, "down").ServeHTTP(w, r)
			return
		}
		embedtest.Answer(http.StatusOK, `[{"index":0,"score":0.25}]`).ServeHTTP(w, r)
	}))
	w := serveWeb(t, "--rerank-url", "tei+"+reranker.URL, "--rerank-model", "cross", "--rerank-candidates", "1")
	w.put(t, "a", map[string]any{"text": "The port opened.", "languageCode": "en"})
	check := func(want, state string) {
		t.Helper()
		if shown := strings.Join(strings.Fields(w.open(t, "/admin").all), ""); !strings.Contains(shown, "defaultembeddingtest-modelanswers,since") || !strings.Contains(shown, "rerankrerankingcross"+want) {
			t.Errorf("administration lacks %q: %s", want, shown)
		}
		status := strings.Join(strings.Fields(mustAccord(t, "status", "--addr", w.addr)), " ")
		if !strings.Contains(status, "default EMBEDDING test-model ANSWERING 20") || !strings.Contains(status, "rerank RERANKING cross "+state) {
			t.Errorf("status lacks %q: %s", state, status)
		}
		if page := w.want(t, http.StatusOK, http.MethodGet, "/v1/server", "") + status; strings.Contains(page, reranker.URL) {
			t.Errorf("an address is shown: %s", page)
		}
	}
	eventually(t, func() bool { code, _, _ := accord(t, "status", "--addr", w.addr); return code == 0 }) // the server checks its health every few seconds
	check("wasnotaskedyet", "NOT_ASKED")
	search := func() { w.want(t, http.StatusOK, http.MethodGet, "/?q=the+port", "") }
	search()
	check("answers,since", "ANSWERING 20")
	down.Store(true)
	search()
	check("doesnotanswersince", "FAILING 20")
	down.Store(false)
	search()
	check("answers,since", "ANSWERING 20")
}
