package v1_test

import (
	"strings"
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestSearchAnswer(t *testing.T) {
	t.Parallel()
	s := library(t)
	resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "Trade in the port of Callao?", PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	results := resp.GetResults()
	if len(results) != 2 {
		t.Fatalf("%d results, want 2", len(results))
	}
	first := results[0]
	if got := first.GetPassage(); got.GetText() != "Trade grew in the port of Callao." || got.GetLanguageCode() != "en" ||
		got.GetKind() != accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH {
		t.Errorf("first passage is %v", got)
	}
	if d := first.GetDocument(); d.GetName() != name("a") || d.GetTitle() != "The heading" || d.GetSource() != "Wire" ||
		d.GetText() != "" || d.GetTextDigest() == "" || d.GetEtag() == "" {
		t.Errorf("document of the first passage is %v", d)
	}
	last := float32(1)
	for i, r := range results {
		if rank := r.GetScores().GetDenseRank(); rank != int32(i+1) {
			t.Errorf("result %d has rank %d", i, rank)
		}
		if similarity := r.GetScores().GetDenseSimilarity(); similarity > last {
			t.Errorf("result %d is more similar than the one before: %v, %v", i, similarity, last)
		} else {
			last = similarity
		}
	}
	if info := resp.GetSearchInfo(); info.GetModel() != "test-model" || !strings.HasPrefix(info.GetSpace(), "collections/default/spaces/test-model-") ||
		info.GetEmbedDuration().AsDuration() <= 0 || info.GetRetrieveDuration().AsDuration() <= 0 {
		t.Errorf("info is %v", info)
	}
	for _, r := range results {
		if r.GetPassage().GetKind() == accordv1.PassageKind_PASSAGE_KIND_HEADING {
			t.Errorf("a heading is among the results: %v", r.GetPassage())
		}
	}
}

func TestSearchPageSize(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, &accordv1.Document{Name: name("long"), LanguageCode: "en", Text: strings.Repeat("Another paragraph of it.\n\n", 120)})
	for size, want := range map[int32]int{0: 10, 1: 1, 100: 100, 101: 100, 1<<31 - 1: 100} {
		resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "paragraph", PageSize: size})
		if err != nil || len(resp.GetResults()) != want {
			t.Errorf("page_size %d: %d results, error %v, want %d", size, len(resp.GetResults()), err, want)
		}
	}
}

func TestSearchOfNothing(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "what was agreed"})
	if err != nil || len(resp.GetResults()) != 0 {
		t.Errorf("new database: %d results, error %v", len(resp.GetResults()), err)
	}
}

func TestLongQuery(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "Trade grew."})
	before := len(model.Requests())
	query := strings.Repeat("数字经济", 500) // 2,000 code points, which are more tokens than the model accepts
	// The space already knows this language, so no reference texts are embedded.
	resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: query, QueryLanguageCode: "en"})
	if err != nil || len(resp.GetResults()) != 1 {
		t.Fatalf("%d results, error %v", len(resp.GetResults()), err)
	}
	requests := model.Requests()[before:]
	if len(requests) != 1 {
		t.Fatalf("%d requests embedded the query, want 1", len(requests))
	}
	if windows := requests[0].Input; len(windows) < 2 || strings.Join(windows, "") != query {
		t.Errorf("%d windows with %d bytes were embedded, the query has %d", len(windows), len(strings.Join(windows, "")), len(query))
	}
}
