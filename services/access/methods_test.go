package access

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/accord-search/accord/internal/auth"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// TestEveryMethodHasARule: a method that is added to a service needs a rule, and a method
// that changes something needs more than the role read.
func TestEveryMethodHasARule(t *testing.T) {
	t.Parallel()
	services, err := v1.New(v1.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	services.Register(server)
	healthgrpc.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	// These methods are not about a collection.
	unbound := []string{"/accord.v1.CollectionService/ListCollections", "/accord.v1.ServerService/GetServerInfo"}
	registered := map[string]bool{}
	for service, info := range server.GetServiceInfo() {
		for _, method := range info.Methods {
			name := "/" + service + "/" + method.Name
			registered[name] = true
			r, known := methods[name]
			if !known {
				t.Errorf("%s has no rule", name)
				continue
			}
			bound := strings.HasPrefix(name, "/accord.") && !slices.Contains(unbound, name)
			if bound != (r.names != nil) {
				t.Errorf("%s: checks a collection: %v, want %v", name, r.names != nil, bound)
			}
			if open(name) != (service == "grpc.health.v1.Health") {
				t.Errorf("%s is open to everyone: %v", name, open(name))
			}
			single := strings.TrimPrefix(method.Name, "Batch")
			reads := strings.HasPrefix(single, "Get") || strings.HasPrefix(single, "List") || single == "Search"
			if bound && !reads && r.needs < auth.Write {
				t.Errorf("%s needs only the role %v", name, r.needs)
			}
		}
	}
	for name := range methods {
		if !registered[name] {
			t.Errorf("%s has a rule, but no service", name)
		}
	}
	if open("/accord.v1.SearchService/Absent") {
		t.Error("an unknown method is open to everyone")
	}
}

// TestCovers: each request is covered by its own collection and by no other one.
func TestCovers(t *testing.T) {
	t.Parallel()
	const collection, document, space = "collections/a", "collections/a/documents/d", "collections/a/spaces/s"
	settings := &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{
		Settings: &accordv1.ImportSettings{Parent: collection},
	}}
	imported := &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{
		Document: &accordv1.Document{Name: document},
	}}
	requests := map[string][]any{
		"SearchService/Search": {
			&accordv1.SearchRequest{Parent: collection},
			&accordv1.SearchRequest{Parent: collection, Filter: &accordv1.Filter{Documents: []string{document}}},
		},
		"SearchService/BatchSearch": {
			&accordv1.BatchSearchRequest{Parent: collection, Requests: []*accordv1.SearchRequest{{}}},
			&accordv1.BatchSearchRequest{Parent: collection, Requests: []*accordv1.SearchRequest{{Parent: collection}}},
		},
		"SearchService/GetDocument":      {&accordv1.GetDocumentRequest{Name: document}},
		"SearchService/ListDocuments":    {&accordv1.ListDocumentsRequest{Parent: collection}},
		"SearchService/BatchGetPassages": {&accordv1.BatchGetPassagesRequest{Parent: collection, Names: []string{document + "/passages/0"}}},

		"IngestService/UpsertDocument":       {&accordv1.UpsertDocumentRequest{Document: &accordv1.Document{Name: document}}},
		"IngestService/ImportDocuments":      {settings, imported},
		"IngestService/DeleteDocument":       {&accordv1.DeleteDocumentRequest{Name: document}},
		"IngestService/DeleteDocuments":      {&accordv1.DeleteDocumentsRequest{Parent: collection}},
		"IngestService/GetIngestStatus":      {&accordv1.GetIngestStatusRequest{Parent: collection}},
		"IngestService/RetryFailedDocuments": {&accordv1.RetryFailedDocumentsRequest{Parent: collection}},

		"CollectionService/GetCollection":    {&accordv1.GetCollectionRequest{Name: collection}},
		"CollectionService/CreateCollection": {&accordv1.CreateCollectionRequest{CollectionId: "a"}},
		"CollectionService/DeleteCollection": {&accordv1.DeleteCollectionRequest{Name: collection}},

		"SpaceService/ListSpaces":         {&accordv1.ListSpacesRequest{Parent: collection}},
		"SpaceService/GetSpace":           {&accordv1.GetSpaceRequest{Name: space}},
		"SpaceService/GetDocumentVectors": {&accordv1.GetDocumentVectorsRequest{Space: space, Document: document}},
		"SpaceService/CreateSpace":        {&accordv1.CreateSpaceRequest{Parent: collection}},
		"SpaceService/ActivateSpace":      {&accordv1.ActivateSpaceRequest{Name: space}},
		"SpaceService/DeleteSpace":        {&accordv1.DeleteSpaceRequest{Name: space}},
	}
	for method, r := range methods {
		if _, tested := requests[strings.TrimPrefix(method, "/accord.v1.")]; r.names != nil && !tested {
			t.Errorf("%s is not tested", method)
		}
	}
	for method, list := range requests {
		for _, request := range list {
			for _, pattern := range []string{"a", "a*", "*"} {
				if !covers(auth.Collections{pattern}, "/accord.v1."+method, request) {
					t.Errorf("%s: %v is not covered by %s", method, request, pattern)
				}
			}
			for _, other := range []auth.Collections{nil, {"b"}, {"a-*"}, {"default"}} {
				if covers(other, "/accord.v1."+method, request) {
					t.Errorf("%s: %v is covered by %v", method, request, other)
				}
			}
		}
	}
}

func TestCoversNames(t *testing.T) {
	t.Parallel()
	mine := auth.Collections{"mine"}
	for _, test := range []struct {
		what    string
		method  string
		request any
		want    bool
	}{
		{"the default collection", "SearchService/Search", &accordv1.SearchRequest{}, false},
		{"the default collection of spaces", "SpaceService/ListSpaces", &accordv1.ListSpacesRequest{}, false},
		{"the default collection of an import", "IngestService/ImportDocuments", &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{}}, false},
		{"a filter with a document of another collection", "SearchService/Search", &accordv1.SearchRequest{
			Parent: "collections/mine", Filter: &accordv1.Filter{Documents: []string{"collections/mine/documents/a", "collections/other/documents/a"}},
		}, false},
		{"a question about another collection", "SearchService/BatchSearch", &accordv1.BatchSearchRequest{
			Parent: "collections/mine", Requests: []*accordv1.SearchRequest{{}, {Parent: "collections/other"}},
		}, false},
		{"a question with a document of another collection", "SearchService/BatchSearch", &accordv1.BatchSearchRequest{
			Parent: "collections/mine", Requests: []*accordv1.SearchRequest{{Filter: &accordv1.Filter{Documents: []string{"collections/other/documents/a"}}}},
		}, false},
		{"passages of another collection", "SearchService/BatchGetPassages", &accordv1.BatchGetPassagesRequest{
			Parent: "collections/mine", Names: []string{"collections/mine/documents/a/passages/0", "collections/other/documents/a/passages/0"},
		}, false},
		{"passages without a parent", "SearchService/BatchGetPassages", &accordv1.BatchGetPassagesRequest{Names: []string{"collections/mine/documents/a/passages/0"}}, false},
		{"vectors of a document of another collection", "SpaceService/GetDocumentVectors", &accordv1.GetDocumentVectorsRequest{
			Space: "collections/mine/spaces/s", Document: "collections/other/documents/a",
		}, false},
		{"no name", "SearchService/GetDocument", &accordv1.GetDocumentRequest{}, false},
		{"no document", "IngestService/UpsertDocument", &accordv1.UpsertDocumentRequest{}, false},
		{"a path", "SearchService/GetDocument", &accordv1.GetDocumentRequest{Name: "collections/mine/../other/documents/a"}, true}, // request validation refuses this name
		{"a pattern as a name", "CollectionService/GetCollection", &accordv1.GetCollectionRequest{Name: "collections/*"}, false},
		{"an import with a broken name", "IngestService/ImportDocuments", &accordv1.ImportDocumentsRequest{
			Message: &accordv1.ImportDocumentsRequest_Document{Document: &accordv1.Document{Name: "other"}},
		}, true}, // the handler answers this document with a failure
	} {
		if got := covers(mine, "/accord.v1."+test.method, test.request); got != test.want {
			t.Errorf("%s: covered %v, want %v", test.what, got, test.want)
		}
	}
}
