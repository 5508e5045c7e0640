package v1_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestDeleteDocuments: exactly the documents that validate_only counts are deleted.
func TestDeleteDocuments(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	ctx := callContext(t)
	s.createCollection(t, "talks")
	for i := range 24 {
		s.upsert(t, &accordv1.Document{
			Name: fmt.Sprintf("collections/talks/documents/d%02d", i), LanguageCode: "en", Text: fmt.Sprintf("Text %d.", i),
			Metadata: map[string]string{"file": []string{"kept", "gone"}[min(i, 1)]},
		})
	}
	remove := func(req *accordv1.DeleteDocumentsRequest) *accordv1.DeleteDocumentsResponse {
		t.Helper()
		req.Parent = "collections/talks"
		resp, err := s.ingest.DeleteDocuments(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	gone := &accordv1.Filter{Metadata: map[string]string{"file": "gone"}}
	want := &accordv1.DeleteDocumentsResponse{DocumentCount: 23}
	for i := range 20 {
		want.SampleDocuments = append(want.SampleDocuments, fmt.Sprintf("collections/talks/documents/d%02d", i+1))
	}
	if diff := cmp.Diff(want, remove(&accordv1.DeleteDocumentsRequest{Filter: gone, ValidateOnly: true}), protocmp.Transform()); diff != "" {
		t.Errorf("validate_only (-want +got):\n%s", diff)
	}
	want.SampleDocuments = nil
	if diff := cmp.Diff(want, remove(&accordv1.DeleteDocumentsRequest{Filter: gone}), protocmp.Transform()); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
	if again := remove(&accordv1.DeleteDocumentsRequest{Filter: gone}); again.GetDocumentCount() != 0 {
		t.Errorf("second deletion: %v", again)
	}
	list, err := s.search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{Parent: "collections/talks"})
	if err != nil || len(list.GetDocuments()) != 1 || list.GetDocuments()[0].GetName() != "collections/talks/documents/d00" {
		t.Errorf("remaining documents: %v, error %v", list, err)
	}
	if all := remove(&accordv1.DeleteDocumentsRequest{Force: true}); all.GetDocumentCount() != 1 {
		t.Errorf("deletion of all: %v", all)
	}
}

func TestDeleteDocumentsRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for _, tc := range []struct {
		req  *accordv1.DeleteDocumentsRequest
		want failure
	}{
		{&accordv1.DeleteDocumentsRequest{}, invalid("filter")},
		{&accordv1.DeleteDocumentsRequest{Filter: &accordv1.Filter{}, ValidateOnly: true}, invalid("filter")},
		{&accordv1.DeleteDocumentsRequest{Parent: "talks", Force: true}, invalid("parent")},
		{
			&accordv1.DeleteDocumentsRequest{Filter: &accordv1.Filter{Documents: []string{"collections/other/documents/a"}}},
			invalid("filter.documents"),
		},
		{&accordv1.DeleteDocumentsRequest{Parent: "collections/absent", Force: true}, failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},
	} {
		_, err := s.ingest.DeleteDocuments(callContext(t), tc.req)
		checkFailure(t, err, tc.want)
	}
	if resp, err := s.ingest.DeleteDocuments(callContext(t), &accordv1.DeleteDocumentsRequest{Force: true}); err != nil || resp.GetDocumentCount() != 0 {
		t.Errorf("default collection that does not exist yet: %v, error %v", resp, err)
	}
}
