package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// searchWithID proposes request ids in a search, and returns the id in the header of the
// answer.
func searchWithID(t *testing.T, a api, query string, proposed ...string) string {
	t.Helper()
	ctx := t.Context()
	for _, id := range proposed {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", id)
	}
	var header metadata.MD
	_, _ = a.search.Search(ctx, &accordv1.SearchRequest{Query: query}, grpc.Header(&header))
	ids := header.Get("accord-request-id")
	if len(ids) != 1 {
		t.Fatalf("the header has the request ids %q", ids)
	}
	if versions := header.Get("accord-version"); len(versions) != 1 || versions[0] != versionName() {
		t.Errorf("the header has the versions %q, want %q", versions, versionName())
	}
	return ids[0]
}

// TestRequestID: every answer has the id of its call, which is the one that the caller
// proposed if that is valid. The lines of the log have it too.
func TestRequestID(t *testing.T) {
	t.Parallel()
	addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, newModel()).URL, "--log-level", "debug")
	a := newAPI(t, addr)
	if id := searchWithID(t, a, rareQuery, "order-17.a:B_c"); id != "order-17.a:B_c" {
		t.Errorf("the caller's id became %q", id)
	}
	for _, bad := range []string{"", "two words", "a=b", strings.Repeat("a", 65)} {
		if id := searchWithID(t, a, rareQuery, bad); id == bad || len(id) < 20 {
			t.Errorf("the id %q became %q, want a new one", bad, id)
		}
	}
	first, second := searchWithID(t, a, rareQuery), searchWithID(t, a, "")
	if first == second {
		t.Errorf("two calls have the id %s", first)
	}
	eventually(t, func() bool {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "code=INVALID_ARGUMENT") && strings.Contains(line, "request_id="+second) {
				return true
			}
		}
		return false
	})
	// Streams have ids too.
	stream, err := a.ingest.ImportDocuments(metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "import-1"))
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.CloseSend()
	if header, err := stream.Header(); err != nil || strings.Join(header.Get("accord-request-id"), "") != "import-1" {
		t.Errorf("header %v, error %v", header, err)
	}
	if strings.Contains(log.String(), "xylophone") {
		t.Error("the log has a query, and nobody asked for it")
	}
}

// TestEchoedQuery: a query does not get into the log even if model servers repeat it in
// their error messages.
func TestEchoedQuery(t *testing.T) {
	t.Parallel()
	var echoes atomic.Bool
	model := newModel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !echoes.Load() || r.Method != http.MethodPost {
			model.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.Copy(w, r.Body)
	})
	url := embedtest.Serve(t, echo).URL
	addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", url, "--rerank-url", "tei+"+url, "--log-level", "debug")
	a := newAPI(t, addr)
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	echoes.Store(true)
	_, _ = a.search.Search(t.Context(), &accordv1.SearchRequest{Query: rareQuery})
	_, _ = a.search.Search(t.Context(), &accordv1.SearchRequest{Query: rareQuery, Mode: accordv1.SearchMode_SEARCH_MODE_LEXICAL})
	eventually(t, func() bool { return strings.Count(log.String(), "repeats the text") >= 2 })
	if strings.Contains(log.String(), "xylophone") {
		t.Errorf("the log has the query:\n%s", log)
	}
}

// TestLogQueries: queries are logged only if the flag is set. The log can be JSON.
func TestLogQueries(t *testing.T) {
	t.Parallel()
	addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, newModel()).URL, "--log-queries", "--log-format", "json")
	id := searchWithID(t, newAPI(t, addr), rareQuery)
	eventually(t, func() bool { return strings.Contains(log.String(), "xylophone") })
	for line := range strings.Lines(log.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if record["query"] == rareQuery && record["request_id"] != id {
			t.Errorf("the query has the request id %v, want %s", record["request_id"], id)
		}
	}
}
