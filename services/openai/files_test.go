package openai

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// lister lists documents. Those that were deleted are not found by name.
type lister struct {
	accordv1.SearchServiceClient
	documents []*accordv1.Document
	deleted   string
}

// ListDocuments implements accordv1.SearchServiceClient.
func (l lister) ListDocuments(_ context.Context, req *accordv1.ListDocumentsRequest, _ ...grpc.CallOption) (*accordv1.ListDocumentsResponse, error) {
	out := &accordv1.ListDocumentsResponse{}
	for _, d := range l.documents {
		if names := req.GetFilter().GetDocuments(); len(names) == 0 || slices.Contains(names, d.GetName()) && d.GetName() != l.deleted {
			out.Documents = append(out.Documents, d)
		}
	}
	return out, nil
}

// TestListByTime: a list by time has whole files, without those that are deleted while it is made.
func TestListByTime(t *testing.T) {
	t.Parallel()
	l := lister{deleted: "collections/c/documents/b"}
	for i, id := range []string{"a", "b", "c", "d"} {
		l.documents = append(l.documents, &accordv1.Document{
			Name: "collections/c/documents/" + id, Metadata: map[string]string{"is": id}, CreateTime: &timestamppb.Timestamp{Seconds: int64(100 - i)},
		})
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/vector_stores/c/files?order=asc&limit=3", http.NoBody)
	reply, err := (&api{search: l}).listFiles(&call{Context: t.Context(), r: r, w: httptest.NewRecorder()}, "c", "")
	if err != nil {
		t.Fatal(err)
	}
	page := reply.(list[file])
	if len(page.Data) != 2 || page.Data[0].Attributes["is"] != "d" || page.Data[1].Attributes["is"] != "c" || !page.HasMore || page.LastID != "b" {
		t.Errorf("%+v", page)
	}
}
