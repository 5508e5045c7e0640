package v1_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// TestWithoutSchema: if the database has lost its tables, every method fails with the reason
// SCHEMA_MISMATCH. No method answers as if the database were only empty.
func TestWithoutSchema(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	db, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s := startOn(t, db, newModel("test-model"))
	etag := s.upsert(t, english("a", "Trade grows.")).GetDocument().GetEtag()
	space := s.activeSpace(t).GetName()
	execute(t, url, "DROP SCHEMA public CASCADE")
	for what, call := range map[string]func(context.Context) error{
		"ListCollections": func(ctx context.Context) error {
			_, err := s.collections.ListCollections(ctx, &accordv1.ListCollectionsRequest{})
			return err
		},
		"ListSpaces": func(ctx context.Context) error {
			_, err := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{})
			return err
		},
		"ListDocuments": func(ctx context.Context) error {
			_, err := s.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{})
			return err
		},
		"DeleteDocuments, only validated": func(ctx context.Context) error {
			_, err := s.ingest.DeleteDocuments(ctx, &accordv1.DeleteDocumentsRequest{Filter: &accordv1.Filter{Languages: []string{"en"}}, ValidateOnly: true})
			return err
		},
		"GetIngestStatus": func(ctx context.Context) error {
			_, err := s.ingest.GetIngestStatus(ctx, &accordv1.GetIngestStatusRequest{})
			return err
		},
		"RetryFailedDocuments": func(ctx context.Context) error {
			_, err := s.ingest.RetryFailedDocuments(ctx, &accordv1.RetryFailedDocumentsRequest{})
			return err
		},
		"GetDocumentVectors": func(context.Context) error {
			_, err := s.askVectors(t, &accordv1.GetDocumentVectorsRequest{Space: space, Document: name("a"), Etag: etag})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			err := call(callContext(t))
			checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "SCHEMA_MISMATCH"})
			if found := internals.FindString(status.Convert(err).Message()); found != "" {
				t.Errorf("the message names %q: %v", found, err)
			}
		})
	}
}

// deletedSpaces is a fake whose spaces are deleted while they are read.
type deletedSpaces struct {
	*fakeSpaces
	failures, fingerprint error
}

// Failures implements v1.Spaces.
func (f deletedSpaces) Failures(context.Context, string, string, int) ([]document.WindowFailure, error) {
	return nil, f.failures
}

// Fingerprint implements v1.Spaces.
func (f deletedSpaces) Fingerprint(context.Context, space.Space) ([][]float32, error) {
	return [][]float32{{1, 0}, {0, 1}}, f.fingerprint
}

// deletedCollection is a fake store without collections.
type deletedCollection struct{ v1.Store }

// GetCollection implements v1.Store.
func (deletedCollection) GetCollection(_ context.Context, id string) (space.Collection, error) {
	return space.Collection{}, &document.ResourceError{Name: document.CollectionName(id), Err: document.ErrNotFound}
}

// TestDeletedWhileRead: a space or collection that another caller deletes during a call is
// not found.
func TestDeletedWhileRead(t *testing.T) {
	t.Parallel()
	absent := failure{Code: codes.NotFound, Reason: "NOT_FOUND"}
	gone := &document.ResourceError{Name: spaceName("a"), Err: document.ErrNotFound}
	for what, fake := range map[string]deletedSpaces{
		"before its failures":    {newFakeSpaces(), gone, nil},
		"before its fingerprint": {newFakeSpaces(), nil, gone},
	} {
		s := startWith(t, v1.Config{Spaces: fake})
		got, err := s.spaces.GetSpace(callContext(t), &accordv1.GetSpaceRequest{Name: spaceName("a"), WithFingerprint: true})
		if checkFailure(t, err, absent); got != nil {
			t.Errorf("deleted %s: %v", what, got)
		}
	}
	s := startWith(t, v1.Config{Spaces: newFakeSpaces(), Store: deletedCollection{}})
	_, err := s.collections.CreateCollection(callContext(t), &accordv1.CreateCollectionRequest{CollectionId: "talks"})
	checkFailure(t, err, absent)
}

// noPosition is a fake of Replicas that never offers a replica, and cannot read the position of
// the primary.
type noPosition struct{}

func (noPosition) OnReplica(ctx context.Context, _ store.Position) (context.Context, *store.Reading) {
	return ctx, nil
}

func (noPosition) Position(context.Context) (store.Position, error) {
	return 0, errors.New("the connection is lost")
}
func (noPosition) Replicated() bool { return true }

// twoFound is a fake searcher that finds two passages and returns the first.
type twoFound struct{}

// Search implements v1.Searcher.
func (twoFound) Search(context.Context, search.Request) (out search.Response, err error) {
	for _, id := range []string{"a", "b"} {
		out.Entries = append(out.Entries, search.Entry{PassageKey: document.PassageKey{Document: id}})
	}
	out.Hits, out.Next = []search.Hit{{Entry: out.Entries[0]}}, 1
	return out, nil
}

// TestWithoutPosition: if the position of the primary cannot be read, a write succeeds and its
// answer has no position, and a search has a next page.
func TestWithoutPosition(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{Replicas: noPosition{}, Searcher: twoFound{}, Ingester: ingester{write: func(_ context.Context, d document.Document) (ingest.Result, error) {
		return ingest.Result{Document: d, Outcome: ingest.Created}, nil
	}}})
	var header metadata.MD
	got, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: english("a", "Trade grows.")}, grpc.Header(&header))
	if err != nil || got.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED || len(header.Get(positionKey)) > 0 {
		t.Errorf("answer %v, header %v, error %v", got, header, err)
	}
	req := &accordv1.SearchRequest{Query: "trade"}
	for page := range 2 { // the second page has a token to decode
		if req.PageToken = s.ask(t, req).GetNextPageToken(); req.PageToken == "" {
			t.Errorf("page %d has no next page", page)
		}
	}
}
