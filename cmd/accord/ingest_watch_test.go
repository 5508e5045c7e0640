package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
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

// importsFrom returns a server, and an importer of a folder into it, whose report goes to said.
func importsFrom(t *testing.T, folder string, said io.Writer) (*forgetfulServer, *importer) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake, srv := &forgetfulServer{stored: map[string]*accordv1.Document{}}, grpc.NewServer()
	accordv1.RegisterIngestServiceServer(srv, fake)
	accordv1.RegisterSearchServiceServer(srv, fake)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(srv.Stop)
	c := ingestCmd{
		Paths: []string{folder}, Collection: "collections/x", State: t.TempDir(), Columns: "metadata", MaxFileBytes: 1 << 20,
		clientFlags: clientFlags{Addr: listener.Addr().String()},
	}
	im, err := c.newImporter(newReport(streams{out: io.Discard, err: said}, false, false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(im.close)
	return fake, im
}

// TestPassesOfWatch: a pass that failed is made again, and a pass over all files asks again
// what the server has.
func TestPassesOfWatch(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	note(t, folder, "a.txt", "The port opened on Monday.")
	var said bytes.Buffer
	fake, im := importsFrom(t, folder, &said)
	pass := func() (bool, error) {
		return im.pass(t.Context(), streams{out: io.Discard, err: &said}, tree.Globs{}, tree.Changes{All: true})
	}

	fake.away.Store(true)
	if retry, err := pass(); !retry || status.Code(err) != codes.Unavailable {
		t.Fatalf("while the database is away: retry %t, error %v\n%s", retry, err, said.String())
	}
	fake.away.Store(false)
	for _, want := range []int{0, 1} { // the file is unchanged; the first pass reads it, the second one does not
		if retry, err := pass(); retry || err != nil || len(fake.stored) != 1 || im.report.unread != want {
			t.Fatalf("retry %t, error %v, %d documents, %d files unread, want %d\n%s", retry, err, len(fake.stored), im.report.unread, want, said.String())
		}
	}
	clear(fake.stored)
	if retry, err := pass(); retry || err != nil || len(fake.stored) != 1 {
		t.Errorf("after the server lost all: retry %t, error %v, %d documents\n%s", retry, err, len(fake.stored), said.String())
	}
}

// TestHugeFile: no digest is computed of a file above the size limit, since that could take
// hours.
func TestHugeFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	note(t, folder, "a.txt", "")
	if err := os.Truncate(filepath.Join(folder, "a.txt"), 64<<30); err != nil {
		lacks(t, everything, "the file system has no such files:", err)
	}
	var said bytes.Buffer
	_, im := importsFrom(t, folder, &said)
	begun := time.Now()
	if err := im.importFiles(t.Context(), tree.Walk(im.Paths, tree.Globs{})); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 10*time.Second || !strings.Contains(said.String(), "has more than 1048576 bytes") {
		t.Errorf("after %v:\n%s", took, said.String())
	}
}

// TestKeptChanges: a diff shows no change that an ingest does not make.
func TestKeptChanges(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		whole bool
		also  string
		want  []string
	}{
		"whole":     {true, wouldKeep, []string{wouldChange, wouldKeep, wouldRemove}},
		"not whole": {false, wouldKeep, []string{wouldChange, wouldKeep}},
		"refused":   {true, wouldRefuse, []string{wouldChange, wouldRefuse}},
	} {
		piece := &filePiece{file: corpus.File{Documents: []document.Document{{ID: "a"}, {ID: "b"}}}, changes: []change{
			{Name: "d/a", Change: wouldChange},
			{Name: "d/b", Change: test.also},
			{Name: "d/other", Change: wouldCreate}, // another file has a document with this id
			{Name: "d/gone", Change: wouldRemove},
		}}
		var got []string
		for _, c := range piece.kept(test.whole) {
			got = append(got, c.Change)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", what, got, test.want)
		}
	}
}
