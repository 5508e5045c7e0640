package v1_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestSearchTokens: a token is accepted only with the request that it was issued for.
func TestSearchTokens(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	req := writePages(t, s)
	s.createCollection(t, "other")
	rest, _ := s.continueList(t, req)
	token := rest.GetPageToken()
	listing, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*accordv1.SearchRequest){
		"other query":      func(r *accordv1.SearchRequest) { r.Query = "other" },
		"other collection": func(r *accordv1.SearchRequest) { r.Parent = "collections/other" },
		"other filter":     func(r *accordv1.SearchRequest) { r.Filter = nil },
		"other policy":     func(r *accordv1.SearchRequest) { r.LanguagePolicy = accordv1.LanguagePolicy_LANGUAGE_POLICY_BALANCED },
		"other language":   func(r *accordv1.SearchRequest) { r.QueryLanguageCode = "es" },
		"other mode":       func(r *accordv1.SearchRequest) { r.Mode = accordv1.SearchMode_SEARCH_MODE_SEMANTIC },
		"other failure": func(r *accordv1.SearchRequest) {
			r.OnEmbedderFailure = accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL
		},
		"other grouping":   func(r *accordv1.SearchRequest) { r.MaxPassagesPerDocument = 1 },
		"other duplicates": func(r *accordv1.SearchRequest) { r.KeepDuplicates = true },
		"other weight":     func(r *accordv1.SearchRequest) { r.LexicalWeight = proto.Float64(.5) },
		"other diversity":  func(r *accordv1.SearchRequest) { r.Diversity = .5 },
		"no base64":        func(r *accordv1.SearchRequest) { r.PageToken = "!!!" },
		"another version":  func(r *accordv1.SearchRequest) { r.PageToken = "_" + token[1:] },
		"cut":              func(r *accordv1.SearchRequest) { r.PageToken = token[:len(token)/2] },
		"of a listing":     func(r *accordv1.SearchRequest) { r.PageToken = listing.GetNextPageToken() },
		"too long":         func(r *accordv1.SearchRequest) { r.PageToken = strings.Repeat("A", 128<<10+1) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			changed := proto.CloneOf(req)
			changed.PageToken = token
			change(changed)
			_, err := s.search.Search(callContext(t), changed)
			checkFailure(t, err, invalid("page_token"))
		})
	}
	next := proto.CloneOf(req)
	next.PageToken, next.ContextPassages, next.PageSize = token, 1, 3
	s.ask(t, next) // neither of the two fields affects the list
}

// TestSearchTokenExpired: if the space of a list is no longer active, the token is refused
// with a reason of its own.
func TestSearchTokenExpired(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Config{})
	s := startOn(t, db, newModel("test-model"))
	req := writePages(t, s)
	req, _ = s.continueList(t, req)
	_, err := s.collections.DeleteCollection(callContext(t), &accordv1.DeleteCollectionRequest{Name: "collections/default", Force: true})
	if err != nil {
		t.Fatal(err)
	}
	startOn(t, db, newModel("another-model")).createCollection(t, "default")
	_, err = s.search.Search(callContext(t), req)
	checkFailure(t, err, failure{Code: codes.InvalidArgument, Reason: "PAGE_TOKEN_EXPIRED"})
}
