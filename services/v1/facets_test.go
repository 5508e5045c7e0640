package v1_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// facetFields are the fields that the tests count by.
var facetFields = []string{"language_code", "kind", "source", "publish_year", "metadata.topic", "metadata.number", "metadata.none"}

// writeDated writes 130 documents with different dates, sources and metadata. Some are
// undated, and some have the same text as others. A search finds all their passages: each
// language has fewer than 100.
func writeDated(t *testing.T, s *service) {
	t.Helper()
	for i := range 130 {
		d := &accordv1.Document{
			Name: name(fmt.Sprintf("d%03d", i)), LanguageCode: []string{"en", "zh-Hant", "es"}[i%3], Source: []string{"Wire", "", "Gazette", strings.Repeat("長", 300)}[i%4],
			Title: "Report", Text: fmt.Sprintf("Report\n\nThe harbour has berth %d.\n\nArticle 1\nShips pay.", i/2),
			Metadata: map[string]string{"number": strconv.Itoa(i)},
		}
		if i%4 > 0 {
			d.PublishTime = timestamppb.New(time.Date(2019+i%7, 12, 31, 23, 59, i%2, 0, time.UTC))
			d.Metadata["topic"] = []string{"trade", "贸易"}[i%2]
		}
		s.upsert(t, d)
	}
}

var facetRequests = map[string]*accordv1.SearchRequest{
	"all":                  {},
	"semantic":             {Mode: accordv1.SearchMode_SEARCH_MODE_SEMANTIC},
	"lexical":              {Mode: accordv1.SearchMode_SEARCH_MODE_LEXICAL},
	"with copies":          {KeepDuplicates: true},
	"one of each document": {MaxPassagesPerDocument: 1},
	"relevant":             {MinRelevance: .2},
	"headings":             {Filter: &accordv1.Filter{Kinds: allKinds}},
	"filtered": {Filter: &accordv1.Filter{Conditions: []*accordv1.Condition{{
		Field: "metadata.number", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Gte: proto.Float64(7), Lt: proto.Float64(50)}},
	}}}},
	"nothing":                 {Filter: &accordv1.Filter{Sources: []string{"nobody"}}},
	"languages that conflict": {Filter: &accordv1.Filter{Languages: []string{"es"}}, LanguagePolicy: accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE, QueryLanguageCode: "en"},
}

// TestFacetsAreARecount: facets have the counts of the results of all pages, on the first
// page. Later pages need not ask for them.
func TestFacetsAreARecount(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	writeDated(t, s)
	for what, req := range facetRequests {
		req.Query, req.Facets, req.PageSize = "harbour ships", facetFields, 3
		first := s.ask(t, req)
		all := first.GetResults()
		if req.PageToken = first.GetNextPageToken(); req.PageToken != "" {
			again := s.ask(t, req)
			if len(again.GetFacets()) > 0 {
				t.Errorf("%s: a later page has facets", what)
			}
			req.Facets = nil
			all = append(all, s.walk(t, req, 100)...)
		}
		want := make([]*accordv1.Facet, len(facetFields))
		for i, field := range facetFields {
			want[i] = recount(field, all)
		}
		if diff := gocmp.Diff(want, first.GetFacets(), protocmp.Transform()); diff != "" {
			t.Errorf("%s: facets of %d results (-want +got):\n%s", what, len(all), diff)
		}
	}
}

// recount counts results by a field.
func recount(field string, results []*accordv1.SearchResult) *accordv1.Facet {
	facet, counts := &accordv1.Facet{Field: field}, map[string]int32{}
	for _, r := range results {
		d := r.GetDocument()
		value := map[string]string{"language_code": r.GetPassage().GetLanguageCode(), "kind": r.GetPassage().GetKind().String(), "source": d.GetSource()}[field]
		if key, ok := strings.CutPrefix(field, "metadata."); ok {
			value = d.GetMetadata()[key]
		}
		if field == "publish_year" && d.GetPublishTime() != nil {
			value = strconv.Itoa(d.GetPublishTime().AsTime().Year())
		}
		switch {
		case value == "":
			facet.MissingCount++
		case len([]rune(value)) > 256:
			facet.OtherCount++
		default:
			counts[value]++
		}
	}
	for value, n := range counts {
		facet.Values = append(facet.Values, &accordv1.FacetValue{Value: value, Count: n})
	}
	slices.SortFunc(facet.GetValues(), func(a, b *accordv1.FacetValue) int {
		return cmp.Or(cmp.Compare(b.GetCount(), a.GetCount()), strings.Compare(a.GetValue(), b.GetValue()))
	})
	for _, v := range facet.GetValues()[min(100, len(facet.GetValues())):] {
		facet.OtherCount += v.GetCount()
	}
	facet.Values = facet.GetValues()[:min(100, len(facet.GetValues()))]
	return facet
}

// TestOrderByTime: the pages together have the results of a search without an order. They
// are sorted by publish time, undated results last. Without diversity and shares of
// languages, results with the same time are sorted by score.
func TestOrderByTime(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	writeDated(t, s)
	for orderBy, sign := range map[string]int{"publish_time": 1, " publish_time  asc": 1, "publish_time desc": -1} {
		for _, req := range []*accordv1.SearchRequest{
			{Diversity: .5},
			{LanguagePolicy: accordv1.LanguagePolicy_LANGUAGE_POLICY_BALANCED},
			{Mode: accordv1.SearchMode_SEARCH_MODE_LEXICAL, GroupTranslations: true},
		} {
			req.Query, req.KeepDuplicates = "harbour ships", true
			byScore := req.GetDiversity() == 0 && req.GetLanguagePolicy() == 0
			plain := s.walk(t, req, 100)
			req.OrderBy = orderBy
			for _, size := range []int32{7, 100} {
				ordered := s.walk(t, req, size)
				for i := range ordered[1:] {
					if c := byTime(ordered[i], ordered[i+1], sign); c > 0 || c == 0 && byScore && ordered[i].GetScores().GetFused() < ordered[i+1].GetScores().GetFused() {
						t.Errorf("%q: %v is before %v", orderBy, ordered[i], ordered[i+1])
					}
				}
				if diff := gocmp.Diff(passageNames(plain), passageNames(ordered)); diff != "" || len(ordered) < 100 {
					t.Errorf("%q: %d results (-want +got):\n%s", orderBy, len(ordered), diff)
				}
			}
		}
	}
}

// byTime compares the places of two results in an order by publish time.
func byTime(a, b *accordv1.SearchResult, sign int) int {
	x, y := a.GetDocument().GetPublishTime(), b.GetDocument().GetPublishTime()
	switch {
	case x == nil && y != nil:
		return 1
	case x != nil && y == nil:
		return -1
	}
	return sign * x.AsTime().Compare(y.AsTime())
}

// passageNames returns the names of the passages of results, sorted.
func passageNames(results []*accordv1.SearchResult) (names []string) {
	for _, r := range results {
		names = append(names, r.GetPassage().GetName())
	}
	slices.Sort(names)
	return names
}
