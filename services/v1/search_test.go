package v1_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func name(id string) string { return "collections/default/documents/" + id }

// library returns a service with documents of several languages, sources and dates.
func library(t *testing.T) *service {
	t.Helper()
	s, _ := start(t)
	s.createCollection(t, "other")
	day := func(d int) *timestamppb.Timestamp {
		return timestamppb.New(time.Date(2024, 1, d, 0, 0, 0, 0, time.UTC))
	}
	for _, d := range []*accordv1.Document{
		{Name: name("a"), LanguageCode: "en", Source: "Wire", PublishTime: day(1), Text: "The heading\n\nTrade grew in the port of Callao.", Title: "The heading"},
		{Name: name("b"), LanguageCode: "zh", Source: "新华社", PublishTime: day(2), Text: "贸易增长。", Metadata: map[string]string{"file": "b.txt", "desk": "world"}},
		{Name: name("c"), LanguageCode: "zh-Hant", Source: "Wire", PublishTime: day(3), Text: "貿易增長。", Metadata: map[string]string{"file": "c.txt"}},
		{Name: name("d"), LanguageCode: "es", Text: "El comercio creció.\n\nEl puerto también."},
		{Name: "collections/other/documents/a", LanguageCode: "en", Source: "Wire", Text: "Trade grew elsewhere."},
	} {
		s.upsert(t, d)
	}
	return s
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := library(t)
	at := func(d int) *timestamppb.Timestamp {
		return timestamppb.New(time.Date(2024, 1, d, 0, 0, 0, 0, time.UTC))
	}
	heading := []accordv1.PassageKind{accordv1.PassageKind_PASSAGE_KIND_HEADING}
	for _, test := range []struct {
		what   string
		filter *accordv1.Filter
		want   string // ids of the found documents
	}{
		{"none", nil, "a b c d"},
		{"language", &accordv1.Filter{Languages: []string{"en"}}, "a"},
		{"language range", &accordv1.Filter{Languages: []string{"zh"}}, "b c"},
		{"narrow language range", &accordv1.Filter{Languages: []string{"ZH-hant"}}, "c"},
		{"languages", &accordv1.Filter{Languages: []string{"es", "en"}}, "a d"},
		{"source", &accordv1.Filter{Sources: []string{"Wire"}}, "a c"},
		{"source in other case", &accordv1.Filter{Sources: []string{"wire"}}, ""},
		{"source in Chinese", &accordv1.Filter{Sources: []string{"新华社", "nobody"}}, "b"},
		{"documents", &accordv1.Filter{Documents: []string{name("d"), name("b")}}, "b d"},
		{"absent document", &accordv1.Filter{Documents: []string{name("absent")}}, ""},
		{"from a day on", &accordv1.Filter{PublishedAfter: at(2)}, "b c"},
		{"before a day", &accordv1.Filter{PublishedBefore: at(2)}, "a"},
		{"between days", &accordv1.Filter{PublishedAfter: at(2), PublishedBefore: at(3)}, "b"},
		{"metadata", &accordv1.Filter{Metadata: map[string]string{"file": "b.txt", "desk": "world"}}, "b"},
		{"metadata that matches in part", &accordv1.Filter{Metadata: map[string]string{"file": "c.txt", "desk": "world"}}, ""},
		{"kind", &accordv1.Filter{Kinds: heading}, "a"},
		{"all together", &accordv1.Filter{Languages: []string{"zh"}, Sources: []string{"Wire"}, PublishedAfter: at(1)}, "c"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			found, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "trade", Filter: test.filter, KeepDuplicates: true})
			if err != nil {
				t.Fatal(err)
			}
			var hits []string
			for _, r := range found.GetResults() {
				hits = append(hits, r.GetDocument().GetName())
			}
			if diff := gocmp.Diff(test.want, ids(hits)); diff != "" {
				t.Errorf("Search (-want +got):\n%s", diff)
			}
			listed, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: test.filter})
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, d := range listed.GetDocuments() {
				list = append(list, d.GetName())
			}
			if diff := gocmp.Diff(test.want, ids(list)); diff != "" {
				t.Errorf("ListDocuments (-want +got):\n%s", diff)
			}
		})
	}
}

// ids returns the distinct ids in the names of documents, sorted.
func ids(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, strings.TrimPrefix(n, "collections/default/documents/"))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

func TestGetDocumentViews(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	text := "Caption of it\n\nTrade grew."
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: text, Blocks: []*accordv1.Block{
		{Kind: accordv1.PassageKind_PASSAGE_KIND_CAPTION, Range: &accordv1.TextRange{Start: 0, End: 13}},
	}})
	for view, full := range map[accordv1.DocumentView]bool{
		accordv1.DocumentView_DOCUMENT_VIEW_UNSPECIFIED: true,
		accordv1.DocumentView_DOCUMENT_VIEW_FULL:        true,
		accordv1.DocumentView_DOCUMENT_VIEW_BASIC:       false,
	} {
		resp, err := s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("a"), View: view})
		if err != nil {
			t.Fatal(err)
		}
		d := resp.GetDocument()
		if (d.GetText() == text) != full || (len(d.GetBlocks()) == 1) != full || d.GetTextDigest() == "" {
			t.Errorf("%v: %v", view, d)
		}
		if full && d.GetBlocks()[0].GetRange().GetEndByte() != 13 {
			t.Errorf("%v: bytes of the block are %v", view, d.GetBlocks()[0])
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	// Page 2 has no text; the second paragraph goes on from page 3 to page 4.
	text := "水 trade grew on the first page.\n\nThe harbour grew too, and went on growing.\n\nIt ended there."
	starts := []int32{0, 33, 33, 59}
	d := &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: text, PageStarts: starts}
	s.upsert(t, d)
	s.upsert(t, &accordv1.Document{Name: name("b"), LanguageCode: "en", Text: "A text without pages."})
	full := s.get(t, name("a"))
	if !slices.Equal(full.GetPageStarts(), starts) {
		t.Errorf("page_starts = %v, want %v", full.GetPageStarts(), starts)
	}
	basic, err := s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("a"), View: accordv1.DocumentView_DOCUMENT_VIEW_BASIC})
	if err != nil || len(basic.GetDocument().GetPageStarts()) > 0 {
		t.Errorf("basic view has pages %v, %v", basic.GetDocument().GetPageStarts(), err)
	}
	reply, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "trade and the harbour", ContextPassages: 1})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int32{}
	for _, r := range reply.GetResults() {
		for _, p := range append(append(r.GetPreviousPassages(), r.GetNextPassages()...), r.GetPassage()) {
			got[p.GetName()] = [2]int32{p.GetPage(), p.GetPageEnd()}
		}
	}
	want := map[string][2]int32{name("a") + "/passages/0": {1, 1}, name("a") + "/passages/1": {3, 4}, name("a") + "/passages/2": {4, 4}, name("b") + "/passages/0": {}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("pages of passages (-want +got):\n%s", diff)
	}
	d.PageStarts = []int32{0, 33}
	if etag := full.GetEtag(); s.upsert(t, d).GetDocument().GetEtag() == etag {
		t.Error("other pages do not change the etag")
	}
}

func TestLanguagePolicy(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, &accordv1.Document{Name: name("en"), LanguageCode: "en", Text: strings.Repeat("Trade grew in the port of Callao.\n\n", 20)})
	s.upsert(t, &accordv1.Document{Name: name("zh"), LanguageCode: "zh-Hant", Text: "天氣很好。"})
	s.upsert(t, &accordv1.Document{Name: name("es"), LanguageCode: "es", Text: "El comercio creció."})
	const query = "Trade grew in the port of Callao"
	for _, tc := range []struct {
		what     string
		policy   accordv1.LanguagePolicy
		language string
		filter   *accordv1.Filter
		want     string
	}{
		{"balanced", accordv1.LanguagePolicy_LANGUAGE_POLICY_BALANCED, "", nil, "en es zh"},
		{"the query's, detected", accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE, "", nil, "en"},
		{"the query's, given", accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE, "zh-Hans", nil, "zh"},
		{"language without passages", accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE, "fr", nil, ""},
		{"with a filter", accordv1.LanguagePolicy_LANGUAGE_POLICY_QUERY_LANGUAGE, "en", &accordv1.Filter{Languages: []string{"es"}}, ""},
	} {
		t.Run(tc.what, func(t *testing.T) {
			t.Parallel()
			resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{
				Query: query, LanguagePolicy: tc.policy, QueryLanguageCode: tc.language, Filter: tc.filter, PageSize: 6,
			})
			if err != nil {
				t.Fatal(err)
			}
			var hits []string
			for _, r := range resp.GetResults() {
				hits = append(hits, r.GetDocument().GetName())
			}
			if diff := gocmp.Diff(tc.want, ids(hits)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			want := "en"
			if tc.language != "" {
				want = tc.language[:2]
			}
			info := resp.GetSearchInfo()
			if info.GetQueryLanguageCode() != want || info.GetCalibrationGeneration() < 1 || int(info.GetCandidateCount()) < len(hits) {
				t.Errorf("info is %v, want language %s", info, want)
			}
		})
	}
	_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: query, QueryLanguageCode: "English!"})
	checkFailure(t, err, invalid("query_language_code"))
	_, err = s.search.Search(callContext(t), &accordv1.SearchRequest{Query: query, LanguagePolicy: 9})
	checkFailure(t, err, invalid("language_policy"))
}
