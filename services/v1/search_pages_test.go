package v1_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// writePages imports documents whose passages share different numbers of words with the query
// of the paging tests. The import waits for its calibration, so that the calibration does not
// change during a test.
func writePages(t *testing.T, s *service) *accordv1.SearchRequest {
	t.Helper()
	words := strings.Fields("trade digital economy customs railway port energy health water school")
	messages := []*accordv1.ImportDocumentsRequest{settings("")}
	for i := range 40 {
		var text []string
		for j := range 5 {
			about := words[(i+j)%len(words)] + " " + words[(i*j)%len(words)] + " " + words[(i/3)%len(words)]
			text = append(text, fmt.Sprintf("Paragraph %d of report %d is about %s.", j, i, about))
		}
		messages = append(messages, importOf(&accordv1.Document{
			Name: name(fmt.Sprintf("d%02d", i)), LanguageCode: []string{"en", "es", "zh"}[i%3], Source: "kept", Text: strings.Join(text, "\n\n"),
		}))
	}
	if _, err := s.importAll(t, messages...); err != nil {
		t.Fatal(err)
	}
	return &accordv1.SearchRequest{Query: "trade in the digital economy", Filter: &accordv1.Filter{Sources: []string{"kept"}}}
}

// walk reads the rest of a list, starting at the request's token.
func (s *service) walk(t *testing.T, req *accordv1.SearchRequest, size int32) []*accordv1.SearchResult {
	t.Helper()
	var all []*accordv1.SearchResult
	req = proto.CloneOf(req)
	req.PageSize = size
	for {
		resp := s.ask(t, req)
		if len(resp.GetResults()) > int(size) {
			t.Fatalf("%d results on a page of %d", len(resp.GetResults()), size)
		}
		all = append(all, resp.GetResults()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return all
		}
	}
}

func checkResults(t *testing.T, what string, want, got []*accordv1.SearchResult) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if diff := gocmp.Diff(want[i], got[i], protocmp.Transform()); diff != "" {
			t.Fatalf("%s: result %d (-want +got):\n%s", what, i, diff)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d results, want %d", what, len(got), len(want))
	}
}

// continueList searches, and returns the first result and the request for the rest of the
// list. A second search could give another list, since the calibration may have changed.
func (s *service) continueList(t *testing.T, req *accordv1.SearchRequest) (rest *accordv1.SearchRequest, first *accordv1.SearchResult) {
	t.Helper()
	rest = proto.CloneOf(req)
	rest.PageSize = 1
	resp := s.ask(t, rest)
	if len(resp.GetResults()) != 1 || resp.GetNextPageToken() == "" {
		t.Fatalf("%d results on a page of 1, token %q", len(resp.GetResults()), resp.GetNextPageToken())
	}
	rest.PageToken = resp.GetNextPageToken()
	return rest, resp.GetResults()[0]
}

// TestSearchPages: the pages together are the whole list, for every page size and on every
// server.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Config{})
	s := startOn(t, db, newModel("test-model"))
	replica := startOn(t, db, newModel("test-model"))
	req := writePages(t, s)
	for _, mode := range []accordv1.SearchMode{accordv1.SearchMode_SEARCH_MODE_HYBRID, accordv1.SearchMode_SEARCH_MODE_SEMANTIC, accordv1.SearchMode_SEARCH_MODE_LEXICAL} {
		req.Mode = mode
		rest, first := s.continueList(t, req)
		list := s.walk(t, rest, 100)
		seen := map[string]bool{}
		for _, r := range append(list, first) {
			seen[r.GetPassage().GetName()] = true
		}
		if len(seen) != len(list)+1 || mode != accordv1.SearchMode_SEARCH_MODE_LEXICAL && len(seen) != 200 {
			t.Errorf("%v: %d passages in %d results, want each of 200 once", mode, len(seen), len(list)+1)
		}
		rest.Parent = "collections/default"
		for _, size := range []int32{3, 7} {
			checkResults(t, fmt.Sprintf("%v, pages of %d by another server", mode, size), list, replica.walk(t, rest, size))
		}
	}
}

// TestSearchPagesWhileWriting: a list does not change while other documents are written
// and deleted.
func TestSearchPagesWhileWriting(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writePages(t, s)
	req, _ = s.continueList(t, req)
	want := s.walk(t, req, 100)
	var done atomic.Bool
	written := make(chan int)
	go func() {
		n := 0
		for ; !done.Load(); n++ {
			other := name(fmt.Sprintf("other%d", n%5))
			_, _ = s.ingest.UpsertDocument(t.Context(), &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
				Name: other, LanguageCode: "en", Source: "kept", Text: fmt.Sprintf("Trade in the digital economy, report %d.", n),
			}})
			if n%2 == 1 {
				_, _ = s.ingest.DeleteDocument(t.Context(), &accordv1.DeleteDocumentRequest{Name: other})
			}
		}
		written <- n
	}()
	for _, size := range []int32{1, 3, 7, 100} {
		checkResults(t, fmt.Sprintf("pages of %d", size), want, s.walk(t, req, size))
	}
	done.Store(true)
	if n := <-written; n == 0 {
		t.Error("nothing was written during the test")
	}
}

// TestSearchPagesSkipDeleted: deleted passages are skipped, and the page is still full.
func TestSearchPagesSkipDeleted(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writePages(t, s)
	req, _ = s.continueList(t, req)
	list := s.walk(t, req, 100)
	gone := map[string]bool{}
	for _, r := range list[:20] {
		gone[r.GetDocument().GetName()] = true
	}
	for document := range gone {
		if _, err := s.ingest.DeleteDocument(callContext(t), &accordv1.DeleteDocumentRequest{Name: document}); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.DeleteFunc(slices.Clone(list), func(r *accordv1.SearchResult) bool { return gone[r.GetDocument().GetName()] })
	for _, size := range []int32{1, 10, 100} {
		checkResults(t, fmt.Sprintf("pages of %d", size), want, s.walk(t, req, size))
	}
	req.PageSize = 10
	if got := len(s.ask(t, req).GetResults()); got != 10 {
		t.Errorf("%d results on a page of 10", got)
	}
}

// TestSearchPageBytes: a page ends before it exceeds what clients can receive.
func TestSearchPageBytes(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for i := range 54 {
		text := fmt.Sprintf("Report %d on trade: %s", i, strings.Repeat("~", 62_000))
		s.upsert(t, &accordv1.Document{Name: name(fmt.Sprintf("d%02d", i)), LanguageCode: "en", Text: text})
	}
	req := &accordv1.SearchRequest{Query: "report on trade", PageSize: 100}
	resp := s.ask(t, req)
	if n, size := len(resp.GetResults()), proto.Size(resp); size > 3<<20+64<<10 || n < 45 || n == 54 || resp.GetNextPageToken() == "" {
		t.Errorf("%d results in %d bytes, token %q", n, size, resp.GetNextPageToken())
	}
	rest, _ := s.continueList(t, req)
	checkResults(t, "pages of 9", s.walk(t, rest, 100), s.walk(t, rest, 9))
}

// TestSearchPageWithoutModel: without the model server, a later page has the same results, and
// reports the degradation.
func TestSearchPageWithoutModel(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Config{})
	s := startOn(t, db, newModel("test-model"))
	var gone atomic.Bool
	model := newModel("test-model")
	replica := startOn(t, db, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return
		}
		model.ServeHTTP(w, r)
	}))
	req := writePages(t, s)
	req, _ = s.continueList(t, req)
	whole := s.ask(t, req)
	gone.Store(true)
	resp := replica.ask(t, req)
	if !slices.Equal(resp.GetSearchInfo().GetDegraded(), []accordv1.Degradation{accordv1.Degradation_DEGRADATION_EMBEDDER_UNAVAILABLE}) {
		t.Errorf("degraded %v", resp.GetSearchInfo().GetDegraded())
	}
	for _, r := range whole.GetResults() {
		r.Highlights, r.Scores.DenseSimilarity = nil, nil
	}
	checkResults(t, "results", whole.GetResults(), resp.GetResults())
	req.OnEmbedderFailure = accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL
	req.PageToken = ""
	req, _ = s.continueList(t, req)
	_, err := replica.search.Search(callContext(t), req)
	checkFailure(t, err, failure{Code: codes.Unavailable, Reason: "EMBEDDER_UNAVAILABLE"})
}

// TestSearchResultsShaped checks grouping, copies and diversity through the API.
func TestSearchResultsShaped(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	printed := "Trade in services between the two economies grew by 12 percent in the first half of the year."
	s.upsert(t, &accordv1.Document{Name: name("first"), LanguageCode: "en", Text: printed + "\n\nTrade in goods was weaker."})
	s.upsert(t, &accordv1.Document{Name: name("again"), LanguageCode: "en", Text: "(Wire) " + printed})
	s.upsert(t, &accordv1.Document{Name: name("figures"), LanguageCode: "en", Text: strings.ReplaceAll(printed, "12", "21")})
	texts := func(req *accordv1.SearchRequest) (texts, copies []string) {
		for _, r := range s.ask(t, req).GetResults() {
			texts = append(texts, r.GetPassage().GetName())
			copies = append(copies, r.GetCopies()...)
		}
		slices.SortFunc(texts, cmp.Compare[string])
		return texts, copies
	}
	first, second, again, figures := name("first")+"/passages/0", name("first")+"/passages/1", name("again")+"/passages/0", name("figures")+"/passages/0"
	for _, test := range []struct {
		what   string
		req    *accordv1.SearchRequest
		want   []string
		copies []string
	}{
		{"collapsed", &accordv1.SearchRequest{Query: printed}, []string{figures, first, second}, []string{again}},
		{"kept", &accordv1.SearchRequest{Query: printed, KeepDuplicates: true}, []string{again, figures, first, second}, nil},
		{"one per document", &accordv1.SearchRequest{Query: printed, KeepDuplicates: true, MaxPassagesPerDocument: 1}, []string{again, figures, first}, nil},
		{"diverse", &accordv1.SearchRequest{Query: printed, KeepDuplicates: true, Diversity: .5}, []string{again, figures, first, second}, nil},
	} {
		got, copies := texts(test.req)
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
		if diff := gocmp.Diff(test.copies, copies); diff != "" {
			t.Errorf("%s: copies (-want +got):\n%s", test.what, diff)
		}
	}
	order := func(req *accordv1.SearchRequest) string { return s.ask(t, req).GetResults()[1].GetPassage().GetName() }
	if got := order(&accordv1.SearchRequest{Query: printed, KeepDuplicates: true}); got != again {
		t.Errorf("second result without diversity: %s", got)
	}
	if got := order(&accordv1.SearchRequest{Query: printed, KeepDuplicates: true, Diversity: 1}); got == again {
		t.Errorf("second result with diversity: %s", got)
	}
}
