package v1_test

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// writeModes writes a document with one paragraph that shares a word with the query of
// the mode tests.
func writeModes(t *testing.T, s *service) *accordv1.SearchRequest {
	t.Helper()
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "The railway opens.\n\nFishing quotas were cut."})
	return &accordv1.SearchRequest{Query: "railways in Peru"}
}

func (s *service) ask(t *testing.T, req *accordv1.SearchRequest) *accordv1.SearchResponse {
	t.Helper()
	resp, err := s.search.Search(callContext(t), req)
	if err != nil {
		t.Fatalf("%v: %v", req, err)
	}
	return resp
}

func TestSearchModes(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writeModes(t, s)
	for mode, want := range map[accordv1.SearchMode]struct{ results, dense, lexical int }{
		accordv1.SearchMode_SEARCH_MODE_UNSPECIFIED: {2, 2, 1},
		accordv1.SearchMode_SEARCH_MODE_HYBRID:      {2, 2, 1},
		accordv1.SearchMode_SEARCH_MODE_SEMANTIC:    {2, 2, 0},
		accordv1.SearchMode_SEARCH_MODE_LEXICAL:     {1, 0, 1},
	} {
		req.Mode = mode
		resp := s.ask(t, req)
		got := want
		got.results, got.dense, got.lexical = len(resp.GetResults()), 0, 0
		for _, r := range resp.GetResults() {
			scores := r.GetScores()
			if (scores.DenseSimilarity == nil) != (scores.DenseRank == nil) || (scores.LexicalScore == nil) != (scores.LexicalRank == nil) || scores.Fused == nil {
				t.Errorf("%v: scores %v", mode, scores)
			}
			if scores.DenseRank != nil {
				got.dense++
			}
			if scores.LexicalRank != nil {
				got.lexical++
				if r.GetPassage().GetText() != "The railway opens." || scores.GetLexicalScore() <= 0 || scores.GetLexicalRank() != 1 {
					t.Errorf("%v: passage %v has scores %v", mode, r.GetPassage(), scores)
				}
			}
		}
		if got != want || len(resp.GetSearchInfo().GetDegraded()) > 0 {
			t.Errorf("%v: %+v, want %+v; degraded %v", mode, got, want, resp.GetSearchInfo().GetDegraded())
		}
		null := resp.GetSearchInfo().GetNullSimilarity()
		if compared := want.dense > 0; (null != nil) != compared || compared && (null.GetMean() <= 0 || null.GetDeviation() <= 0) {
			t.Errorf("%v: null similarity %v", mode, null)
		}
	}
	_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", Mode: 9, OnEmbedderFailure: 9})
	checkFailure(t, err, invalid("mode", "on_embedder_failure"))
}

// TestModelServerGone checks what each choice of on_embedder_failure gives without a model
// server.
func TestModelServerGone(t *testing.T) {
	t.Parallel()
	model := newModel("test-model")
	var gone atomic.Bool
	s := startOn(t, storetest.Open(t, store.Config{}), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return
		}
		model.ServeHTTP(w, r)
	}))
	req := writeModes(t, s)
	gone.Store(true)
	for mode, degraded := range map[accordv1.SearchMode][]accordv1.Degradation{
		accordv1.SearchMode_SEARCH_MODE_HYBRID:   {accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE},
		accordv1.SearchMode_SEARCH_MODE_SEMANTIC: {accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE},
		accordv1.SearchMode_SEARCH_MODE_LEXICAL:  nil,
	} {
		req.Mode, req.OnEmbedderFailure = mode, accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_UNSPECIFIED
		resp := s.ask(t, req)
		if len(resp.GetResults()) != 1 || !slices.Equal(resp.GetSearchInfo().GetDegraded(), degraded) {
			t.Errorf("%v: %d results, degraded %v", mode, len(resp.GetResults()), resp.GetSearchInfo().GetDegraded())
		}
		req.OnEmbedderFailure = accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL
		if mode == accordv1.SearchMode_SEARCH_MODE_LEXICAL {
			s.ask(t, req) // LEXICAL needs no model server
			continue
		}
		_, err := s.search.Search(callContext(t), req)
		checkFailure(t, err, failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"})
	}
}

// TestTermsGone: if the tables of terms are gone, the dense leg answers alone, and the
// response reports the degradation.
func TestTermsGone(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	db, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s := startOn(t, db, newModel("test-model"))
	req := writeModes(t, s)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var table string
	if err := conn.QueryRow(t.Context(), "SELECT terms_table FROM collections").Scan(&table); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "ALTER TABLE "+table+" RENAME TO lost"); err != nil {
		t.Fatal(err)
	}
	resp := s.ask(t, req)
	want := []accordv1.Degradation{accordv1.Degradation_DEGRADATION_LEXICAL_UNAVAILABLE}
	if len(resp.GetResults()) != 2 || !slices.Equal(resp.GetSearchInfo().GetDegraded(), want) {
		t.Errorf("%d results, degraded %v", len(resp.GetResults()), resp.GetSearchInfo().GetDegraded())
	}
	req.Mode = accordv1.SearchMode_SEARCH_MODE_LEXICAL
	_, err = s.search.Search(callContext(t), req)
	checkFailure(t, err, failure{Code: codes.Aborted, Reason: "CONCURRENT_WRITE"}) // the same error as if the collection had been deleted meanwhile
}

// TestRelevance: every result has a relevance, min_relevance filters by it, and the
// response reports whether there is a confident match.
func TestRelevance(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writeModes(t, s)
	for _, mode := range []accordv1.SearchMode{
		accordv1.SearchMode_SEARCH_MODE_HYBRID, accordv1.SearchMode_SEARCH_MODE_SEMANTIC, accordv1.SearchMode_SEARCH_MODE_LEXICAL,
	} {
		req.Mode, req.MinRelevance = mode, 0
		resp := s.ask(t, req)
		best := float32(0)
		for _, r := range resp.GetResults() {
			relevance := r.GetScores().GetRelevance()
			if r.GetScores().Relevance == nil || relevance < 0 || relevance > 1 {
				t.Errorf("%v: scores %v", mode, r.GetScores())
			}
			best = max(best, relevance)
		}
		if unsure := resp.GetSearchInfo().GetNoConfidentMatch(); unsure != (best < .5) {
			t.Errorf("%v: no_confident_match %v with a best relevance of %v", mode, unsure, best)
		}
		req.MinRelevance = best
		least := s.ask(t, req)
		if len(least.GetResults()) != 1 || least.GetResults()[0].GetScores().GetRelevance() != best {
			t.Errorf("%v, min_relevance %v: %v", mode, best, least.GetResults())
		}
		req.MinRelevance = 1
		none := s.ask(t, req)
		if len(none.GetResults()) != 0 || none.GetSearchInfo().GetNoConfidentMatch() != (best < .5) {
			t.Errorf("%v, min_relevance 1: %v", mode, none)
		}
	}
	for _, least := range []float32{-.1, 1.1, float32(math.NaN()), float32(math.Inf(1))} {
		_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", MinRelevance: least})
		checkFailure(t, err, invalid("min_relevance"))
	}
	empty := s.ask(t, &accordv1.SearchRequest{Query: "x", Filter: &accordv1.Filter{Languages: []string{"qu"}}})
	if !empty.GetSearchInfo().GetNoConfidentMatch() {
		t.Error("an empty result has a confident match")
	}
}
