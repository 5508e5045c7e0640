package v1_test

import (
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestLexicalWeight: as the weight grows, the order changes from that of mode SEMANTIC, through
// the default order, to that of mode LEXICAL. The relevance of results does not change.
func TestLexicalWeight(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writePages(t, s)
	req.PageSize, req.KeepDuplicates = 100, true
	names := func(change func(*accordv1.SearchRequest)) (list []string, relevance map[string]float32) {
		r := proto.CloneOf(req)
		change(r)
		relevance = map[string]float32{}
		for _, found := range s.ask(t, r).GetResults() {
			list = append(list, found.GetPassage().GetName())
			relevance[found.GetPassage().GetName()] = found.GetScores().GetRelevance()
		}
		return list, relevance
	}
	weighed := func(weight float64) (list []string, relevance map[string]float32) {
		return names(func(r *accordv1.SearchRequest) { r.LexicalWeight = &weight })
	}
	inMode := func(mode accordv1.SearchMode) []string {
		list, _ := names(func(r *accordv1.SearchRequest) { r.Mode = mode })
		return list
	}
	usual, usualRelevance := names(func(*accordv1.SearchRequest) {})
	semantic, lexical := inMode(accordv1.SearchMode_SEARCH_MODE_SEMANTIC), inMode(accordv1.SearchMode_SEARCH_MODE_LEXICAL)
	if slices.Equal(semantic[:10], usual[:10]) || slices.Equal(lexical[:10], usual[:10]) {
		t.Fatal("the modes do not differ for this query")
	}
	for weight, want := range map[float64][]string{0: semantic, .5: usual, 1: lexical} {
		got, _ := weighed(weight)
		if diff := gocmp.Diff(want[:50], got[:50]); diff != "" {
			t.Errorf("weight %v (-want +got):\n%s", weight, diff)
		}
	}
	quarter, relevance := weighed(.25)
	three, _ := weighed(.75)
	if distance(quarter, semantic) >= distance(usual, semantic) || distance(three, lexical) >= distance(usual, lexical) {
		t.Errorf("weights between two orders do not mix them: .25 is %d from SEMANTIC and .75 %d from LEXICAL, the usual weight %d and %d",
			distance(quarter, semantic), distance(three, lexical), distance(usual, semantic), distance(usual, lexical))
	}
	for name, got := range relevance {
		if want, found := usualRelevance[name]; found && got != want {
			t.Errorf("relevance of %s: %v, want %v", name, got, want)
		}
	}
	for _, weight := range []float64{-.1, 1.1, math.NaN()} {
		_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", LexicalWeight: &weight})
		checkFailure(t, err, invalid("lexical_weight"))
	}
	_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", LexicalWeight: proto.Float64(0), Mode: accordv1.SearchMode_SEARCH_MODE_LEXICAL})
	checkFailure(t, err, invalid("lexical_weight"))
}

// distance compares the places of the first 20 elements of first with their places in list. It
// returns the sum of the places by which they are further down there.
func distance(list, first []string) (sum int) {
	for i, name := range first[:20] {
		at := slices.Index(list, name)
		if at < 0 {
			at = len(list)
		}
		sum += max(0, at-i)
	}
	return sum
}
