package v1_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestCollections(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	ctx := callContext(t)
	s.createCollection(t, "talks")
	s.upsert(t, &accordv1.Document{Name: "collections/talks/documents/a", LanguageCode: "en", Text: "One.\n\nTwo."})

	got, err := s.collections.GetCollection(ctx, &accordv1.GetCollectionRequest{Name: "collections/talks"})
	if err != nil {
		t.Fatal(err)
	}
	c := got.GetCollection()
	if c.GetName() != "collections/talks" || c.GetModel() != "test-model" || c.GetDocumentCount() != 1 || c.GetPassageCount() != 2 ||
		!strings.HasPrefix(c.GetActiveSpace(), "collections/talks/spaces/test-model-") || c.GetCreateTime() == nil {
		t.Errorf("collection is %v", c)
	}
	_, err = s.collections.CreateCollection(ctx, &accordv1.CreateCollectionRequest{CollectionId: "talks"})
	checkFailure(t, err, failure{Code: codes.AlreadyExists, Reason: "ALREADY_EXISTS"})
	_, err = s.collections.DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: "collections/talks"})
	checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "COLLECTION_NOT_EMPTY"})
	if _, err := s.collections.DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: "collections/talks", Force: true}); err != nil {
		t.Errorf("delete with force: %v", err)
	}
	notFound := failure{Code: codes.NotFound, Reason: "NOT_FOUND"}
	_, err = s.collections.DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: "collections/talks"})
	checkFailure(t, err, notFound)
	_, err = s.collections.GetCollection(ctx, &accordv1.GetCollectionRequest{Name: "collections/talks"})
	checkFailure(t, err, notFound)
	_, err = s.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: "collections/talks/documents/a"})
	checkFailure(t, err, notFound)

	s.createCollection(t, "talks")
	if _, err := s.collections.DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: "collections/talks"}); err != nil {
		t.Errorf("delete an empty collection: %v", err)
	}
}

func TestUnknownCollection(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	ctx := callContext(t)
	notFound := failure{Code: codes.NotFound, Reason: "NOT_FOUND"}
	_, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: "x", Parent: "collections/absent"})
	checkFailure(t, err, notFound)
	_, err = s.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{Parent: "collections/absent"})
	checkFailure(t, err, notFound)
	_, err = s.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{
		Document: &accordv1.Document{Name: "collections/absent/documents/a", LanguageCode: "en", Text: "x"},
	})
	checkFailure(t, err, notFound)
	if message := status.Convert(err).Message(); !strings.Contains(message, "collections/absent") {
		t.Errorf("%q does not name the collection", message)
	}
	// The default collection does not exist yet.
	if _, err := s.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{}); err != nil {
		t.Errorf("default collection: %v", err)
	}
}

// TestModelMismatch: if the server has another model than the one that embedded a collection,
// searches and writes fail and name both models. Reads, and writes to new collections, succeed.
func TestModelMismatch(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Config{})
	d := &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "x"}
	first := startOn(t, db, newModel("model-one"))
	first.upsert(t, d)

	second := startOn(t, db, &embedtest.Server{Model: "model-two", Dimensions: 16})
	ctx := callContext(t)
	_, searchErr := second.search.Search(ctx, &accordv1.SearchRequest{Query: "x"})
	_, writeErr := second.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{
		Document: &accordv1.Document{Name: name("b"), LanguageCode: "en", Text: "y"},
	})
	for _, err := range []error{searchErr, writeErr} {
		checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "MODEL_MISMATCH"})
		message := status.Convert(err).Message()
		if !strings.Contains(message, "model-one") || !strings.Contains(message, "model-two") {
			t.Errorf("%q does not name both models", message)
		}
	}
	second.get(t, name("a")) // needs no model server
	second.createCollection(t, "new")
	second.upsert(t, &accordv1.Document{Name: "collections/new/documents/a", LanguageCode: "en", Text: "x"})
	if _, err := first.search.Search(ctx, &accordv1.SearchRequest{Query: "x"}); err != nil {
		t.Errorf("with the first model: %v", err)
	}
}

// TestCreateCollectionWithSlowModel: a call waits until its deadline for a model server
// whose requests take longer than a query may. Creating a second collection with the same
// model sends no request.
func TestCreateCollectionWithSlowModel(t *testing.T) {
	t.Parallel()
	const pause = embed.DefaultQueryTimeout + time.Second
	model := newModel("test-model")
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			time.Sleep(pause)
		}
		model.ServeHTTP(w, r)
	})
	s := startOn(t, storetest.Open(t, store.Config{}), slow)
	s.createCollection(t, "first")
	before := len(model.Requests())
	s.createCollection(t, "second")
	if asked := len(model.Requests()) - before; asked != 0 {
		t.Errorf("the second collection took %d requests, want none", asked)
	}
}
