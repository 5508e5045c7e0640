package v1_test

import (
	"errors"
	"io"
	"slices"
	"testing"

	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestReflection: reflection lists the services. Only streams of Accord's own services end
// with a position.
func TestReflection(t *testing.T) {
	t.Parallel()
	s := startOn(t, storetest.Open(t, store.Config{}), newModel("test-model"))
	stream, err := reflectionv1.NewServerReflectionClient(s.conn).ServerReflectionInfo(callContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var services []string
	for _, listed := range answer.GetListServicesResponse().GetService() {
		services = append(services, listed.GetName())
	}
	for _, want := range []string{"accord.v1.SearchService", "accord.v1.IngestService", "accord.v1.CollectionService", "accord.v1.SpaceService"} {
		if !slices.Contains(services, want) {
			t.Errorf("%s is not among %q", want, services)
		}
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) || hasPosition(stream.Trailer()) {
		t.Errorf("reflection ends with error %v, trailer %v", err, stream.Trailer())
	}

	s.upsert(t, english("a", "Trade grows."))
	vectors, err := s.spaces.GetDocumentVectors(callContext(t), &accordv1.GetDocumentVectorsRequest{Space: s.activeSpace(t).GetName(), Document: name("a"), Etag: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vectors.Recv(); !errors.Is(err, io.EOF) || !hasPosition(vectors.Trailer()) {
		t.Errorf("vectors end with error %v, trailer %v", err, vectors.Trailer())
	}
}

func hasPosition(trailer metadata.MD) bool { return len(trailer.Get(positionKey)) == 1 }
