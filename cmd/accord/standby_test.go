package main

import (
	"context"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestStandby: a server whose database is a hot standby serves searches, and refuses all
// writes at once as unavailable.
func TestStandby(t *testing.T) {
	t.Parallel()
	cluster, model := storetest.NewCluster(t), embedtest.Serve(t, newModel()).URL
	primary := newAPI(t, serve(t, "--database-url", cluster.Primary.URL, "--embedding-url", model))
	if err := do(t, primary.write); err != nil {
		t.Fatal(err)
	}
	waitForReplica(t, cluster)
	a := newAPI(t, serve(t, "--database-url", cluster.Replica.URL, "--embedding-url", model))
	a.healthy(t, true, searchService)
	a.healthy(t, false, ingestService)
	for what, read := range map[string]func(context.Context) error{"Search": a.ask, "GetDocument": a.get} {
		if err := do(t, read); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	const name = "collections/default/documents/a"
	later := false
	for what, write := range map[string]func(context.Context) error{
		"UpsertDocument": a.write,
		"UpsertDocument without waiting": func(ctx context.Context) error {
			_, err := a.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{
				Document: &accordv1.Document{Name: name, LanguageCode: "en", Text: "The port closed."}, WaitForIndex: &later,
			})
			return err
		},
		"DeleteDocument": func(ctx context.Context) error {
			_, err := a.ingest.DeleteDocument(ctx, &accordv1.DeleteDocumentRequest{Name: name})
			return err
		},
		"DeleteDocuments": func(ctx context.Context) error {
			_, err := a.ingest.DeleteDocuments(ctx, &accordv1.DeleteDocumentsRequest{Filter: &accordv1.Filter{Languages: []string{"en"}}, Force: true})
			return err
		},
		"CreateSpace": func(ctx context.Context) error {
			_, err := a.spaces.CreateSpace(ctx, &accordv1.CreateSpaceRequest{})
			return err
		},
	} {
		if err := do(t, write); status.Code(err) != codes.Unavailable || reason(err) != "DATABASE_UNAVAILABLE" {
			t.Errorf("%s: %v with reason %q, want UNAVAILABLE", what, err, reason(err))
		}
	}
}
