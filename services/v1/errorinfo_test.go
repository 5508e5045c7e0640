package v1_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// startFaulty serves an ingester whose writes have the outcome that the document's id
// names. Calls without a deadline get a short one.
func startFaulty(t *testing.T) *service {
	t.Helper()
	end := make(chan struct{})
	inner := status.Error(codes.NotFound, "no such model")
	s := startLimited(t, 100*time.Millisecond, v1.Config{Ingester: ingester{write: func(ctx context.Context, d document.Document) (ingest.Result, error) {
		switch d.ID {
		case "waits":
			<-ctx.Done()
			return ingest.Result{}, ctx.Err()
		case "hangs": // so that only the caller's deadline ends the call
			<-end
		case "cancelled":
			return ingest.Result{}, context.Canceled
		case "panics":
			panic("secret of the server")
		case "absent":
			return ingest.Result{}, &document.ResourceError{Name: d.Collection, Err: document.ErrNotFound}
		case "model":
			return ingest.Result{}, fmt.Errorf("%w: %w", embed.ErrRejected, inner)
		case "unknown":
			return ingest.Result{}, fmt.Errorf("unexpected: %w", inner)
		}
		return ingest.Result{Document: d, Outcome: ingest.Created}, nil
	}}})
	t.Cleanup(func() { close(end) }) // lets hanging writes return before the server stops
	return s
}

// closing returns an address at which every connection is closed at once.
func closing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() { // ends when the listener is closed
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

// TestErrorInfos: errors of the services have an ErrorInfo, and errors that gRPC itself
// makes have none, as docs/api.md says.
func TestErrorInfos(t *testing.T) {
	t.Parallel()
	s := startFaulty(t)
	upsert := func(s *service, ctx context.Context, id string, options ...grpc.CallOption) error {
		_, err := s.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{Name: name(id), Text: "x"}}, options...)
		return err
	}
	of := func(id string) func(context.Context) error {
		return func(ctx context.Context) error { return upsert(s, ctx, id) }
	}
	invoke := func(method string) func(context.Context) error {
		return func(ctx context.Context) error { return s.conn.Invoke(ctx, method, &emptypb.Empty{}, &emptypb.Empty{}) }
	}
	importing := func(messages ...*accordv1.ImportDocumentsRequest) func(context.Context) error {
		return func(context.Context) error {
			_, err := s.importAll(t, messages...)
			return err
		}
	}
	elsewhere := func(addr string) func(context.Context) error {
		return func(ctx context.Context) error { return upsert(dial(t, addr), ctx, "x") }
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	large := &accordv1.Document{Name: name("a"), Text: strings.Repeat("x", maxMessageBytes)}
	for _, test := range []struct {
		what string
		call func(context.Context) error
		want failure
	}{
		{"invalid field", of("A"), invalid("document.name")},
		{"error of the domain", of("absent"), failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},
		{"first message of an import", importing(&accordv1.ImportDocumentsRequest{}), invalid("settings")},
		{"deadline that the server sets", of("waits"), failure{Code: codes.DeadlineExceeded, Reason: "DEADLINE_EXCEEDED"}},
		{"cancelled in the server", of("cancelled"), failure{Code: codes.Canceled, Reason: "CANCELLED"}},
		{"panic", of("panics"), failure{Code: codes.Internal, Reason: "INTERNAL"}},
		{"status of a model server", of("model"), failure{Code: codes.FailedPrecondition, Reason: "EMBEDDER_REJECTED"}},
		{"status in an unexpected error", of("unknown"), failure{Code: codes.Internal, Reason: "INTERNAL"}},

		{"deadline of the caller", func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
			defer cancel()
			return upsert(s, ctx, "hangs")
		}, failure{Code: codes.DeadlineExceeded}},
		{"cancelled by the caller", func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return upsert(s, ctx, "hangs")
		}, failure{Code: codes.Canceled}},
		{"unknown method", invoke("/accord.v1.SearchService/Find"), failure{Code: codes.Unimplemented}},
		{"unknown service", invoke("/accord.v2.SearchService/Search"), failure{Code: codes.Unimplemented}},
		{"large request", func(ctx context.Context) error {
			_, err := s.ingest.UpsertDocument(ctx, &accordv1.UpsertDocumentRequest{Document: large})
			return err
		}, failure{Code: codes.ResourceExhausted}},
		{"large message of an import", importing(importOf(large)), failure{Code: codes.ResourceExhausted}},
		{"answer that is too large for the caller", func(ctx context.Context) error {
			return upsert(s, ctx, "a", grpc.MaxCallRecvMsgSize(1))
		}, failure{Code: codes.ResourceExhausted}},
		{"invalid UTF-8", s.raw(protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "\xff")), failure{Code: codes.Internal}},
		{"no message", s.raw([]byte{0x0a, 0x7f}), failure{Code: codes.Internal}},
		{"no connection", elsewhere(free.Addr().String()), failure{Code: codes.Unavailable}},
		{"connection that breaks", elsewhere(closing(t)), failure{Code: codes.Unavailable}},
		{"service of gRPC itself", func(ctx context.Context) error {
			_, err := grpc_health_v1.NewHealthClient(s.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "absent"})
			return err
		}, failure{Code: codes.NotFound}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context()) // without a deadline
			defer cancel()
			err := test.call(ctx)
			checkFailure(t, err, test.want)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the caller sees %v", err)
			}
		})
	}
}
