package openai

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// searcher answers each query with passages and their relevance.
type searcher struct {
	accordv1.SearchServiceClient
	answers map[string]map[string]float32
}

// Search implements accordv1.SearchServiceClient.
func (s searcher) Search(_ context.Context, req *accordv1.SearchRequest, _ ...grpc.CallOption) (*accordv1.SearchResponse, error) {
	out := &accordv1.SearchResponse{}
	for passage, relevance := range s.answers[req.GetQuery()] {
		out.Results = append(out.Results, &accordv1.SearchResult{
			Passage: &accordv1.Passage{Name: passage, Text: passage}, Scores: &accordv1.Scores{Relevance: &relevance},
		})
	}
	return out, nil
}

// TestBestScoreCounts: a passage that several queries find has its best score, whichever query is
// first.
func TestBestScoreCounts(t *testing.T) {
	t.Parallel()
	a := &api{search: searcher{answers: map[string]map[string]float32{"one": {"a": .25, "b": .5}, "two": {"a": .75, "c": .125}}}}
	for _, queries := range []string{`["one","two"]`, `["two","one"]`} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"max_num_results":2,"query":`+queries+`}`))
		reply, err := a.searchStore(&call{Context: t.Context(), r: r, w: httptest.NewRecorder()}, "news", "")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, found := range reply.(resultPage).Data {
			got[found.Content[0].Text] = found.Score
		}
		if diff := cmp.Diff(map[string]float64{"a": .75, "b": .5}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", queries, diff)
		}
	}
}

// TestNothingIsIgnored: a request is refused if it has something that would otherwise be ignored:
// data after the JSON, fields that its type of filter does not use, or null.
func TestNothingIsIgnored(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"query":"x"}]`, `{"query":"x"}}`, `{"query":"x"} 1`, `{"query":"x"} x`} {
		if _, err := readSearch(strings.NewReader(body)); err == nil {
			t.Errorf("the search %s", body)
		}
	}
	const english = `{"type":"eq","key":"accord.language","value":"en"}`
	for _, filter := range []string{
		`{"type":"and","key":"a","value":"b","filters":[` + english + `]}`,
		`{"type":"eq","key":"accord.language","value":"en","filters":[` + english + `]}`,
		`{"type":"gt","key":"pages","value":null}`, `{"type":"gt","key":"accord.publish_time","value":null}`, `{"type":"eq","key":"pages","value":null}`,
	} {
		if got, err := filterOf([]byte(filter), "collections/news"); err == nil {
			t.Errorf("the filter %s is %v", filter, got)
		}
	}
	for _, query := range []string{"after=a&after=B!", "after=B!&after=a", "limit=1&limit=x"} {
		if got, err := readPage(httptest.NewRequest(http.MethodGet, "/?"+query, http.NoBody)); err == nil && (got.after != "a" || got.limit != standardPage) {
			t.Errorf("the list ?%s is %+v", query, got)
		}
	}
}

// TestErrorsAreShort: an error does not repeat a long text, and does not cut a character in two.
func TestErrorsAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("港", 1000)
	_, search := readSearch(strings.NewReader(`{"query":"x","` + long + `":1}`))
	_, filter := filterOf([]byte(`{"`+long+`":1}`), "collections/news")
	_, list := readPage(httptest.NewRequest(http.MethodGet, "/?"+long+"=1", http.NoBody))
	for _, err := range []error{search, filter, list} {
		if st := status.Convert(err); err == nil || len(st.Message()) > 300 || strings.ToValidUTF8(st.Message(), "?") != st.Message() || len(st.Details()) != 2 {
			t.Errorf("%v", err)
		}
	}
}
