package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// forgetfulServer stores documents until it is told to forget them. It lists none while it is
// away.
type forgetfulServer struct {
	accordv1.UnimplementedIngestServiceServer
	accordv1.UnimplementedSearchServiceServer
	away   atomic.Bool
	stored map[string]*accordv1.Document
}

func (s *forgetfulServer) ListDocuments(context.Context, *accordv1.ListDocumentsRequest) (*accordv1.ListDocumentsResponse, error) {
	if s.away.Load() {
		return nil, status.Error(codes.Unavailable, "the database is away")
	}
	out := &accordv1.ListDocumentsResponse{}
	for _, d := range s.stored {
		out.Documents = append(out.Documents, d)
	}
	return out, nil
}

func (s *forgetfulServer) ImportDocuments(stream accordv1.IngestService_ImportDocumentsServer) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		d := request.GetDocument()
		if d == nil {
			continue
		}
		d.Etag, d.IndexState = "e", accordv1.IndexState_INDEX_STATE_COMPLETE
		s.stored[d.GetName()] = d
		err = stream.Send(&accordv1.ImportDocumentsResponse{Name: d.GetName(), Etag: "e", Outcome: accordv1.WriteOutcome_WRITE_OUTCOME_CREATED, PassageCount: 1})
		if err != nil {
			return err
		}
	}
}

// TestPassesOfWatch: a pass that failed is made again, and a pass over all files asks again
// what the server has.
func TestPassesOfWatch(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake, srv := &forgetfulServer{stored: map[string]*accordv1.Document{}}, grpc.NewServer()
	accordv1.RegisterIngestServiceServer(srv, fake)
	accordv1.RegisterSearchServiceServer(srv, fake)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(srv.Stop)
	folder := t.TempDir()
	note(t, folder, "a.txt", "The port opened on Monday.")
	c := ingestCmd{
		Paths: []string{folder}, Collection: "collections/x", State: t.TempDir(), Columns: "metadata",
		clientFlags: clientFlags{Addr: listener.Addr().String()},
	}
	var said bytes.Buffer
	out := streams{out: io.Discard, err: &said}
	im, err := c.newImporter(newReport(out, false, false))
	if err != nil {
		t.Fatal(err)
	}
	defer im.close()
	pass := func() (bool, error) { return im.pass(t.Context(), out, tree.Globs{}, tree.Changes{All: true}) }

	fake.away.Store(true)
	if retry, err := pass(); !retry || status.Code(err) != codes.Unavailable {
		t.Fatalf("while the database is away: retry %t, error %v\n%s", retry, err, said.String())
	}
	fake.away.Store(false)
	for _, want := range []int{0, 1} { // files that are unchanged
		if retry, err := pass(); retry || err != nil || len(fake.stored) != 1 || im.report.unread != want {
			t.Fatalf("retry %t, error %v, %d documents, %d files unread, want %d\n%s", retry, err, len(fake.stored), im.report.unread, want, said.String())
		}
	}
	clear(fake.stored)
	if retry, err := pass(); retry || err != nil || len(fake.stored) != 1 {
		t.Errorf("after the server lost all: retry %t, error %v, %d documents\n%s", retry, err, len(fake.stored), said.String())
	}
}
