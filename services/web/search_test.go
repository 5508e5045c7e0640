package web

import (
	"strings"
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestShow: the page says how good an answer is and which parts of the search failed, and hides
// passages that are off the subject.
func TestShow(t *testing.T) {
	result := &accordv1.SearchResult{Passage: &accordv1.Passage{Name: "collections/c/documents/d/passages/0", Text: "One.", Range: &accordv1.TextRange{End: 4, EndByte: 4}}, Scores: &accordv1.Scores{}}
	for _, test := range []struct {
		info     *accordv1.SearchInfo
		headline string
		off      bool
		notes    string
	}{
		{&accordv1.SearchInfo{MatchConfidence: accordv1.MatchConfidence_MATCH_CONFIDENCE_CONFIDENT}, "", false, ""},
		{&accordv1.SearchInfo{MatchConfidence: accordv1.MatchConfidence_MATCH_CONFIDENCE_UNCERTAIN}, "Nothing here clearly answers. These passages are on the subject.", false, ""},
		{&accordv1.SearchInfo{MatchConfidence: accordv1.MatchConfidence_MATCH_CONFIDENCE_OFF_TOPIC}, "Nothing was found. This collection seems to have nothing on the subject.", true, ""},
		{&accordv1.SearchInfo{
			Degraded: []accordv1.Degradation{accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE}, PossiblyIncomplete: true, UnmatchedPhrases: []string{"a b"},
		}, "", false, "The model server does not answer now, so only words were compared.\nNo passage has “a b” word for word.\nVery many passages match the filters, so some results may be missing."},
	} {
		view := searchView{Query: query{Text: "q", Page: 1}}
		view.show(&accordv1.SearchResponse{Results: []*accordv1.SearchResult{result}, SearchInfo: test.info})
		if got := strings.Join(view.Notes, "\n"); view.Headline != test.headline || view.Off != test.off || got != test.notes || len(view.Results) != 1 {
			t.Errorf("%v: %q, off %t, notes %q, %d results", test.info, view.Headline, view.Off, got, len(view.Results))
		}
	}
}

// TestEmptyCollection: a collection is called empty only if that is known.
func TestEmptyCollection(t *testing.T) {
	for _, more := range []bool{false, true} {
		all := choices{List: []collectionChoice{{"empty", 0}, {"full", 1}}, More: more}
		for id, want := range map[string]bool{"empty": true, "full": false, "other": !more} {
			if got := all.empty(id); got != want {
				t.Errorf("%s, more %t: %t", id, more, got)
			}
		}
	}
}

// TestFilterGroups: chosen values stay among the filters if no result has them, and at most
// maxValues others are offered.
func TestFilterGroups(t *testing.T) {
	sources := &accordv1.Facet{Field: bySource}
	for i := range 30 {
		sources.Values = append(sources.Values, &accordv1.FacetValue{Value: strings.Repeat("s", i+1), Count: int32(30 - i)})
	}
	q := query{Text: "q", Sources: []string{"gone", strings.Repeat("s", 30)}, Kinds: []string{"article"}}
	groups := filterGroups(q, []*accordv1.Facet{sources, {Field: byKind, Values: []*accordv1.FacetValue{{Value: "PASSAGE_KIND_ARTICLE", Count: 2}}}})
	offered := groups[1].Values
	last := len(offered) - 1
	if last != maxValues+1 || !offered[last-1].Checked || offered[last-1].Count != 1 || offered[last].Value != "gone" || !offered[last].Checked || offered[last].Count != 0 {
		t.Errorf("sources: %+v", offered)
	}
	if got := groups[2].Values; len(got) != 1 || got[0] != (filterValue{"article", "Numbered articles", 2, true}) {
		t.Errorf("kinds: %+v", got)
	}
	years := yearLinks(q, []*accordv1.Facet{{Field: byYear, Values: []*accordv1.FacetValue{{Value: "2016", Count: 5}, {Value: "2024", Count: 3}, {Value: "-0044", Count: 1}}}})
	if len(years) != 2 || years[0].Year != "2024" || !strings.Contains(years[0].Link, "from=2024-01-01") || !strings.Contains(years[0].Link, "to=2024-12-31") {
		t.Errorf("years: %+v", years)
	}
}
