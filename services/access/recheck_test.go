package access

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/auth"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// revocable lets everyone in until it is revoked.
type revocable struct{ revoked atomic.Bool }

// Check implements Checker.
func (r *revocable) Check(context.Context, string) (auth.Identity, error) {
	if r.revoked.Load() {
		return auth.Identity{}, auth.ErrInvalid
	}
	return auth.Identity{Role: auth.Admin, Collections: auth.Collections{"*"}}, nil
}

// endless answers until its caller goes away.
type endless struct {
	accordv1.UnimplementedSpaceServiceServer
	begun chan struct{}
}

// ActivateSpace implements accord.v1.SpaceService.
func (e endless) ActivateSpace(ctx context.Context, _ *accordv1.ActivateSpaceRequest) (*accordv1.ActivateSpaceResponse, error) {
	e.begun <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

// GetDocumentVectors implements accord.v1.SpaceService.
func (e endless) GetDocumentVectors(_ *accordv1.GetDocumentVectorsRequest, stream accordv1.SpaceService_GetDocumentVectorsServer) error {
	for {
		if err := stream.Send(&accordv1.GetDocumentVectorsResponse{}); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// TestRevokedDuringCall: a call in progress ends soon after the key of its caller was revoked.
func TestRevokedDuringCall(t *testing.T) {
	t.Parallel()
	keys, service := &revocable{}, endless{begun: make(chan struct{}, 1)}
	g := New(keys, slog.New(slog.DiscardHandler))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(g.Unary), grpc.StreamInterceptor(g.Stream))
	accordv1.RegisterSpaceServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	client := accordv1.NewSpaceServiceClient(conn)
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer key"), 20*time.Second)
	defer cancel()
	stream, err := client.GetDocumentVectors(ctx, &accordv1.GetDocumentVectorsRequest{Space: "collections/a/spaces/s", Document: "collections/a/documents/d"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.ActivateSpace(ctx, &accordv1.ActivateSpaceRequest{Name: "collections/a/spaces/s"})
		ended <- err
	}()
	<-service.begun
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	keys.revoked.Store(true)
	for err == nil {
		_, err = stream.Recv()
	}
	for what, err := range map[string]error{"a stream of answers": err, "a unary call": <-ended} {
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s ended with %v", what, err)
		}
	}
}
