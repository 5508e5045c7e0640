package v1_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/rerank"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// byFish is a reranking server that scores a text by how often it mentions fish.
func byFish(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Documents []string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	type result struct {
		Index int     `json:"index"`
		Score float64 `json:"relevance_score"`
	}
	var results []result
	for i, text := range asked.Documents {
		results = append(results, result{i, float64(strings.Count(text, "fish")) - 2})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

// reranked returns the texts of the results, in order, and the reranker's scores.
func reranked(resp *accordv1.SearchResponse) (texts []string, scores []*float32) {
	for _, r := range resp.GetResults() {
		texts, scores = append(texts, r.GetPassage().GetText()), append(scores, r.GetScores().Rerank)
	}
	return texts, scores
}

// TestRerank searches several pages with a real reranking server, and then without it.
func TestRerank(t *testing.T) {
	t.Parallel()
	var gone atomic.Bool
	server := embedtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			panic(http.ErrAbortHandler)
		}
		byFish(w, r)
	}))
	reranker, err := rerank.Open(rerank.Config{URL: server.URL, Timeout: callTimeout, MaxTokens: 512})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reranker.Close)
	s := startReranked(t, storetest.Open(t, store.Config{}), newModel("test-model"), reranker)
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "The railway opens.\n\nA fish.\n\nThe fish eats a fish that eats a fish."})
	want := []string{"The fish eats a fish that eats a fish.", "A fish.", "The railway opens."}

	req := &accordv1.SearchRequest{Query: "railways in Peru"}
	resp := s.ask(t, req)
	texts, scores := reranked(resp)
	if diff := gocmp.Diff(want, texts); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]*float32{proto.Float32(1), proto.Float32(-1), proto.Float32(-2)}, scores); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if info := resp.GetSearchInfo(); info.GetRerankDuration().AsDuration() <= 0 || info.GetDegraded() != nil {
		t.Errorf("search info %v", info)
	}

	req.PageSize = 1
	req.PageToken = s.ask(t, req).GetNextPageToken()
	gone.Store(true) // the server is gone: later pages do not rerank
	resp = s.ask(t, req)
	if texts, scores := reranked(resp); !slices.Equal(texts, want[1:2]) || scores[0] == nil || *scores[0] != -1 || resp.GetSearchInfo().GetDegraded() != nil {
		t.Errorf("second page: %v", resp)
	}
	req.Rerank = proto.Bool(false)
	_, err = s.search.Search(callContext(t), req)
	checkFailure(t, err, invalid("page_token"))

	resp = s.ask(t, &accordv1.SearchRequest{Query: "railways in Peru", Rerank: proto.Bool(true)})
	texts, scores = reranked(resp)
	if !slices.Equal(resp.GetSearchInfo().GetDegraded(), []accordv1.Degradation{accordv1.Degradation_DEGRADATION_RERANKER_UNAVAILABLE}) ||
		len(texts) != 3 || slices.ContainsFunc(scores, func(s *float32) bool { return s != nil }) {
		t.Errorf("without the server: %v", resp)
	}
	plain := s.ask(t, &accordv1.SearchRequest{Query: "railways in Peru", Rerank: proto.Bool(false)})
	if same, _ := reranked(plain); !slices.Equal(same, texts) || plain.GetSearchInfo().GetDegraded() != nil {
		t.Errorf("without rerank: %v, want %q", plain, texts)
	}
}

func TestRerankNotConfigured(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", Rerank: proto.Bool(true)})
	checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "RERANKER_NOT_CONFIGURED"})
	s.ask(t, &accordv1.SearchRequest{Query: "x", Rerank: proto.Bool(false)})
}
