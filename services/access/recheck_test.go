package access

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
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

// keys lets everyone in until it has an error. checks counts the checks after that, and passed
// those before.
type keys struct {
	err            atomic.Pointer[error]
	checks, passed atomic.Int64
}

// Check implements Checker.
func (k *keys) Check(context.Context, string) (auth.Identity, error) {
	if err := k.err.Load(); err != nil {
		k.checks.Add(1)
		return auth.Identity{}, *err
	}
	k.passed.Add(1)
	return auth.Identity{Role: auth.Admin, Collections: auth.Collections{"*"}}, nil
}

// endless answers until its caller goes away or ended reports true.
type endless struct {
	accordv1.UnimplementedSpaceServiceServer
	begun chan struct{}
	ended func() bool
}

// ActivateSpace implements accord.v1.SpaceService.
func (e endless) ActivateSpace(ctx context.Context, _ *accordv1.ActivateSpaceRequest) (*accordv1.ActivateSpaceResponse, error) {
	e.begun <- struct{}{}
	for ctx.Err() == nil && !e.ended() {
		time.Sleep(time.Millisecond)
	}
	return &accordv1.ActivateSpaceResponse{}, ctx.Err()
}

// GetDocumentVectors implements accord.v1.SpaceService.
func (e endless) GetDocumentVectors(_ *accordv1.GetDocumentVectorsRequest, stream accordv1.SpaceService_GetDocumentVectorsServer) error {
	for !e.ended() {
		if err := stream.Send(&accordv1.GetDocumentVectorsResponse{}); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// TestRefusedDuringCall: calls in progress end soon after the key of their caller was revoked,
// but go on to their end if it expires or cannot be checked.
func TestRefusedDuringCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		want  codes.Code
		tries int64 // number of checks after which the calls end
	}{
		"revoked": {auth.ErrInvalid, codes.Unauthenticated, math.MaxInt64},
		"expired": {auth.ErrExpired, codes.OK, 4},
		"unknown": {auth.ErrUnavailable, codes.OK, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &keys{}
			unary, stream := callsInProgress(t, k, func() bool { return k.checks.Load() >= test.tries }, test.err)
			for what, err := range map[string]error{"a unary call": unary, "a stream of answers": stream} {
				if status.Code(err) != test.want {
					t.Errorf("%s ended with %v, want %v", what, err, test.want)
				}
			}
		})
	}
}

// TestExpiredBeforeRequest: a stream of answers ends if the credential of its caller expires before
// the request arrives.
func TestExpiredBeforeRequest(t *testing.T) {
	t.Parallel()
	k := &keys{}
	conn := serve(t, New(k, slog.New(slog.DiscardHandler)), endless{ended: func() bool { return true }})
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer key"), 20*time.Second)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, accordv1.SpaceService_GetDocumentVectors_FullMethodName)
	if err != nil {
		t.Fatal(err)
	}
	for k.passed.Load() == 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	k.err.Store(&auth.ErrExpired)
	if err := stream.RecvMsg(&accordv1.GetDocumentVectorsResponse{}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("the stream ended with %v", err)
	}
}

// callsInProgress begins a unary call and a stream of answers, and then makes the check of keys
// fail. It returns how the calls ended.
func callsInProgress(t *testing.T, k *keys, ended func() bool, fault error) (unary, stream error) {
	t.Helper()
	service := endless{begun: make(chan struct{}, 1), ended: ended}
	client := accordv1.NewSpaceServiceClient(serve(t, New(k, slog.New(slog.DiscardHandler)), service))
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer key"), 20*time.Second)
	defer cancel()
	answers, err := client.GetDocumentVectors(ctx, &accordv1.GetDocumentVectorsRequest{Space: "collections/a/spaces/s", Document: "collections/a/documents/d"})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := client.ActivateSpace(ctx, &accordv1.ActivateSpaceRequest{Name: "collections/a/spaces/s"})
		answered <- err
	}()
	<-service.begun
	if _, err := answers.Recv(); err != nil {
		t.Fatal(err)
	}
	k.err.Store(&fault)
	for err == nil {
		_, err = answers.Recv()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return <-answered, err
}

// serve serves a SpaceService behind a Guard, and connects to it.
func serve(t *testing.T, g *Guard, service accordv1.SpaceServiceServer) *grpc.ClientConn {
	t.Helper()
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
	return conn
}
