package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/eval"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// calibratingServer is a server that accepts every import, and is still calibrating
// after the first ones.
type calibratingServer struct {
	accordv1.UnimplementedIngestServiceServer
	accordv1.UnimplementedCollectionServiceServer
	busy    int // number of imports that are answered with calibrating
	imports int
	names   []string
}

// CreateCollection implements accord.v1.CollectionService.
func (s *calibratingServer) CreateCollection(context.Context, *accordv1.CreateCollectionRequest) (*accordv1.CreateCollectionResponse, error) {
	return &accordv1.CreateCollectionResponse{}, nil
}

// ImportDocuments implements accord.v1.IngestService.
func (s *calibratingServer) ImportDocuments(stream accordv1.IngestService_ImportDocumentsServer) error {
	var names []string
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if d := req.GetDocument(); d != nil {
			names = append(names, d.GetName())
		}
	}
	s.imports++
	s.names = append(s.names, names...)
	for i, name := range names {
		last := i == len(names)-1
		if err := stream.Send(&accordv1.ImportDocumentsResponse{Name: name, Calibrating: last && s.imports <= s.busy}); err != nil {
			return err
		}
	}
	return nil
}

// TestEvalWaitsForCalibration: no query is sent before the imported documents are
// calibrated, unless a message says that the calibration continues.
func TestEvalWaitsForCalibration(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		busy    int
		limit   time.Duration
		imports int
		says    string
	}{
		"calibrated at once": {busy: 0, limit: time.Minute, imports: 1},
		"calibrated later":   {busy: 2, limit: time.Minute, imports: 3, says: "waiting for the server to calibrate"},
		"not in time":        {busy: 100, limit: 0, imports: 1, says: "the figures may change"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			fake, srv := &calibratingServer{busy: test.busy}, grpc.NewServer()
			accordv1.RegisterIngestServiceServer(srv, fake)
			accordv1.RegisterCollectionServiceServer(srv, fake)
			go func() { _ = srv.Serve(listener) }()
			t.Cleanup(srv.Stop)
			c := evalCmd{Collection: "collections/x", CalibrationTimeout: test.limit, clientFlags: clientFlags{Addr: listener.Addr().String()}}
			conn, err := c.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var said bytes.Buffer
			set := &eval.Set{Passages: []eval.Passage{{ID: "a", Text: "A."}, {ID: "b", Text: "B."}}}
			if err := c.importSet(t.Context(), conn, set, streams{out: io.Discard, err: &said}); err != nil {
				t.Fatal(err)
			}
			if fake.imports != test.imports || !strings.Contains(said.String(), test.says) || test.says == "" && said.Len() > 0 {
				t.Errorf("%d imports, want %d; printed %q, want %q", fake.imports, test.imports, said.String(), test.says)
			}
			for _, name := range fake.names[2:] {
				if name != "collections/x/documents/b" {
					t.Errorf("%s was imported again", name)
				}
			}
		})
	}
}
