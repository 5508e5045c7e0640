package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// storeResult is a result of a search in OpenAI's shape.
type storeResult struct {
	FileID     string `json:"file_id"`
	Filename   string
	Score      float64
	Attributes map[string]string
	Content    []struct {
		Type, Text string
		Accord     struct {
			Citation   string
			Range      struct{ Start, End int }
			Highlights []struct{ Start, End int }
		}
	}
	Accord struct{ Title, Source string }
}

// ask searches the default collection in OpenAI's shape.
func (w web) ask(t *testing.T, body string) (results []storeResult) {
	t.Helper()
	var page struct {
		Object string
		Data   []storeResult
	}
	if content := w.want(t, http.StatusOK, http.MethodPost, stores+"/default/search", body); json.Unmarshal([]byte(content), &page) != nil || page.Object != "vector_store.search_results.page" {
		t.Fatalf("%s: %s", body, content)
	}
	return page.Data
}

// TestStoreSearch: a search in OpenAI's shape has the results of a search, with exact ranges.
func TestStoreSearch(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.putAgentTexts(t)
	reply, err := dialWith(t, clientFlags{Addr: w.addr}).search.Search(limited(t), &accordv1.SearchRequest{Query: "port of Chancay", PageSize: 6})
	if err != nil {
		t.Fatal(err)
	}
	results := w.ask(t, `{"query":"port of Chancay","max_num_results":6}`)
	if len(results) != len(reply.GetResults()) {
		t.Fatalf("%d results, want %d", len(results), len(reply.GetResults()))
	}
	for i, want := range reply.GetResults() {
		got := results[i]
		part := got.Content[0]
		text := string([]rune(agentTexts[got.FileID])[part.Accord.Range.Start:part.Accord.Range.End])
		if part.Type != "text" || part.Text != want.GetPassage().GetText() || part.Text != text || float32(got.Score) != want.GetScores().GetRelevance() {
			t.Errorf("result %d: %+v, want %v", i, got, want)
		}
		if got.Filename != got.FileID+".txt" || got.Attributes["file"] != got.Filename || got.Accord.Source != "Wire" || !strings.HasSuffix(part.Accord.Citation, fmt.Sprintf("/%s#c=%d-%d", got.FileID, part.Accord.Range.Start, part.Accord.Range.End)) {
			t.Errorf("result %d: %+v", i, got)
		}
	}
	merged := w.ask(t, `{"query":["port of Chancay","港口合作"],"max_num_results":5}`)
	seen := map[string]bool{}
	for i, r := range merged {
		if seen[r.Content[0].Accord.Citation] || i > 0 && r.Score > merged[i-1].Score {
			t.Errorf("several queries: result %d: %+v", i, r)
		}
		seen[r.Content[0].Accord.Citation] = true
	}
	if len(merged) != 5 {
		t.Errorf("several queries: %d results", len(merged))
	}
	for _, r := range w.ask(t, `{"query":"port of Chancay","ranking_options":{"score_threshold":0.6,"ranker":"auto"},"rewrite_query":false}`) {
		if r.Score < .6 {
			t.Errorf("below the threshold: %v", r.Score)
		}
	}
}

// storePage is a list in OpenAI's shape.
type storePage struct {
	Object  string
	Data    []struct{ ID, Status string }
	HasMore bool   `json:"has_more"`
	FirstID string `json:"first_id"`
	LastID  string `json:"last_id"`
}

// follow reads a list page by page and returns the ids of its elements.
func (w web) follow(t *testing.T, path, order string) (ids []string) {
	t.Helper()
	query := url.Values{"limit": {"3"}}
	if order != "" {
		query.Set("order", order)
	}
	for {
		var page storePage
		if content := w.want(t, http.StatusOK, http.MethodGet, path+"?"+query.Encode(), ""); json.Unmarshal([]byte(content), &page) != nil || page.Object != "list" {
			t.Fatalf("%s: %s", path, content)
		}
		for _, element := range page.Data {
			ids = append(ids, element.ID)
		}
		if !page.HasMore {
			return ids
		}
		query.Set("after", page.LastID)
	}
}

// TestStoreLists: stores and files are listed page by page, by id or by time, and a file has its
// document's text and attributes.
func TestStoreLists(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	var want, oldest []string
	for i := range 8 {
		i := (i * 3) % 8 // the order of creation differs from that of the ids
		id := fmt.Sprintf("d%d", i)
		want, oldest = append(want, id), append(oldest, id)
		w.want(t, http.StatusOK, http.MethodPut, webDocuments+"/"+id, fmt.Sprintf(`{"text":"Note %d.","metadata":{"n":"%d"}}`, i, i))
	}
	slices.Sort(want)
	newest := slices.Clone(oldest)
	slices.Reverse(newest)
	for order, ids := range map[string][]string{"": want, "asc": oldest, "desc": newest} {
		if diff := cmp.Diff(ids, w.follow(t, stores+"/default/files", order)); diff != "" {
			t.Errorf("files in the order %q (-want +got):\n%s", order, diff)
		}
	}
	var page storePage
	if err := json.Unmarshal([]byte(w.want(t, http.StatusOK, http.MethodGet, stores+"/default/files?before=d5&limit=2", "")), &page); err != nil || page.FirstID != "d3" || page.LastID != "d4" || !page.HasMore {
		t.Errorf("before d5: %+v, %v", page, err)
	}
	for _, id := range []string{"b", "a", "c"} {
		w.want(t, http.StatusOK, http.MethodPost, "/v1/collections", fmt.Sprintf(`{"collectionId":%q}`, id))
	}
	for order, ids := range map[string][]string{"": {"a", "b", "c", "default"}, "asc": {"default", "b", "a", "c"}, "desc": {"c", "a", "b", "default"}} {
		if diff := cmp.Diff(ids, w.follow(t, stores, order)); diff != "" {
			t.Errorf("stores in the order %q (-want +got):\n%s", order, diff)
		}
	}
	for path, says := range map[string]string{
		stores + "/default":                  `"file_counts":{"in_progress":0,"completed":8,"failed":0,"cancelled":0,"total":8}`,
		stores + "/default/files/d3":         `"status":"completed"`,
		stores + "/default/files/d4":         `"attributes":{"n":"4"}`,
		stores + "/default/files/d5/content": `"data":[{"type":"text","text":"Note 5."}]`,
	} {
		if content := w.want(t, http.StatusOK, http.MethodGet, path, ""); !strings.Contains(content, says) {
			t.Errorf("%s: %s, want %s", path, content, says)
		}
	}
}

// TestStoreErrors: invalid and unsupported requests are refused with errors in OpenAI's
// shape.
func TestStoreErrors(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	w.want(t, http.StatusOK, http.MethodPut, webNote, `{"text":"One."}`)
	search := stores + "/default/search"
	for _, test := range []struct {
		method, path, body string
		code               int
		param, says        string // the parameter is "" for none
	}{
		{http.MethodGet, stores + "/absent", "", 404, "", "not found"},
		{http.MethodGet, stores + "/A B", "", 404, "", "there is no vector store"},
		{http.MethodGet, stores + "/default/files/absent", "", 404, "", "not found"},
		{http.MethodGet, stores + "/default/assistants", "", 404, "", "nothing at this path"},
		{http.MethodPost, stores, `{"name":"x"}`, 405, "", "only reading"},
		{http.MethodDelete, stores + "/default", "", 405, "", "only reading"},
		{http.MethodGet, search, "", 405, "", "POST"},
		{http.MethodPost, stores + "/absent/search", `{"query":"x"}`, 404, "", "not found"},
		{http.MethodPost, search, `{"query":" "}`, 400, "query", "must contain a question"},
		{http.MethodPost, search, `{}`, 400, "query", "must be a question"},
		{http.MethodPost, search, `{"query":["a","b","c","d","e","f"]}`, 400, "query", "1 to 5 questions"},
		{http.MethodPost, search, `{"query":5}`, 400, "query", "wrong type"},
		{http.MethodPost, search, `{"query":"x","colour":1}`, 400, "body", "colour"},
		{http.MethodPost, search, `{"query":"x"} {}`, 400, "body", "more than one value"},
		{http.MethodPost, search, `{"query":"x","max_num_results":51}`, 400, "max_num_results", "from 1 to 50"},
		{http.MethodPost, search, `{"query":"x","ranking_options":{"score_threshold":1.5}}`, 400, "ranking_options.score_threshold", "from 0 to 1"},
		{http.MethodPost, search, `{"query":"x","ranking_options":{"ranker":"mine"}}`, 400, "ranking_options.ranker", "must be auto"},
		{http.MethodPost, search, `{"query":"x","filters":{"type":"xor","filters":[]}}`, 400, "filters", ""},
		{http.MethodGet, stores + "?limit=101", "", 400, "limit", "from 1 to 100"},
		{http.MethodGet, stores + "?order=up", "", 400, "order", "asc or desc"},
		{http.MethodGet, stores + "/default/files?filter=failed", "", 400, "filter", "cannot be filtered"},
		{http.MethodGet, stores + "/default/files?page=2", "", 400, "page", "is not known"},
		{http.MethodGet, stores + "/default/files?after=A", "", 400, "after", "id of an element"},
		{http.MethodGet, stores + "/default/files?order=asc&after=gone", "", 400, "after", "deleted"},
	} {
		var reply struct {
			Error struct {
				Message, Type string
				Param, Code   *string
			}
		}
		content := w.want(t, test.code, test.method, strings.ReplaceAll(test.path, " ", "%20"), test.body)
		if err := json.Unmarshal([]byte(content), &reply); err != nil || reply.Error.Type != "invalid_request_error" || !strings.Contains(reply.Error.Message, test.says) {
			t.Errorf("%s %s %s: %s", test.method, test.path, test.body, content)
		}
		if param := reply.Error.Param; test.param == "" && param != nil || test.param != "" && (param == nil || *param != test.param) {
			t.Errorf("%s %s %s: not about %q: %s", test.method, test.path, test.body, test.param, content)
		}
	}
}
