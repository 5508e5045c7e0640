package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// sent is a document that was sent and has no answer yet.
type sent struct {
	file *sentFile
	name string
}

// sentFile is a file whose documents are sent.
type sentFile struct {
	name  string
	names map[string]bool // of its documents
	whole bool            // all documents were read and stored
}

// sendAhead is the maximum number of documents that are read and sent before the first
// of them is answered.
const sendAhead = 16

// pruneTimeout limits the search for documents that one file no longer has.
const pruneTimeout = time.Minute

// send reads the files, imports their documents over one stream, and deletes documents
// that the files no longer have.
func (c *ingestCmd) send(ctx context.Context, inputs []corpus.Input, r *report) error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	r.start(len(inputs))
	files, err := c.importFiles(ctx, conn, inputs, r)
	if err != nil {
		return err
	}
	for _, file := range files {
		if file.whole {
			if err := c.prune(ctx, conn, file, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// importFiles imports the files and returns them in order. If the stream fails, for
// example because the server stopped, it reports the error for every document without an
// answer.
func (c *ingestCmd) importFiles(ctx context.Context, conn *grpc.ClientConn, inputs []corpus.Input, r *report) ([]*sentFile, error) {
	group, ctx := errgroup.WithContext(ctx)
	stream, err := accordv1.NewIngestServiceClient(conn).ImportDocuments(ctx)
	if err != nil {
		return nil, err
	}
	settings := &accordv1.ImportSettings{Collection: c.Collection, WaitForIndex: proto.Bool(!c.NoWait)}
	err = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: settings}})
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: the answer has the error
		return nil, err
	}
	var files []*sentFile
	waiting := make(chan sent, sendAhead)
	group.Go(func() error {
		defer close(waiting)
		var err error
		files, err = c.sendFiles(ctx, stream, inputs, waiting, r)
		return err
	})
	group.Go(func() error { return receive(stream, waiting, r) })
	err = group.Wait()
	return files, err
}

func (c *ingestCmd) sendFiles(ctx context.Context, stream accordv1.IngestService_ImportDocumentsClient, inputs []corpus.Input, waiting chan<- sent, r *report) ([]*sentFile, error) {
	var files []*sentFile
	for i, input := range inputs {
		file, ok := c.read(input, r)
		out := &sentFile{name: input.Name, names: map[string]bool{}, whole: ok}
		files = append(files, out)
		for _, d := range file.Documents {
			msg := c.encode(d)
			out.names[msg.GetName()] = true
			if size := proto.Size(msg); size > maxRequest {
				out.whole = false
				r.unanswered(input.Name, msg.GetName(), fmt.Errorf("takes %d bytes, more than the limit of %d per message: split it", size, maxRequest))
				continue
			}
			select {
			case waiting <- sent{file: out, name: msg.GetName()}:
			case <-ctx.Done():
				return files, ctx.Err()
			}
			err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: msg}})
			if err != nil && !errors.Is(err, io.EOF) {
				return files, err
			}
			if err != nil { // the stream has ended; receive gets the error
				r.notRead(inputs[i+1:])
				return files, nil
			}
		}
		r.fileDone()
	}
	return files, stream.CloseSend()
}

// receive reads one answer per document, in order.
func receive(stream accordv1.IngestService_ImportDocumentsClient, waiting <-chan sent, r *report) error {
	var broken error
	for s := range waiting {
		if broken == nil {
			var ack *accordv1.ImportDocumentsResponse
			if ack, broken = stream.Recv(); broken == nil {
				if ack.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_FAILED {
					s.file.whole = false
				}
				r.written(s.file.name, ack)
				continue
			}
		}
		s.file.whole = false
		r.unanswered(s.file.name, s.name, broken)
	}
	if broken != nil {
		return broken
	}
	_, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (c *ingestCmd) encode(d document.Document) *accordv1.Document {
	collection, _ := document.ParseCollectionName(c.Collection)
	out := &accordv1.Document{
		Name: document.Name(collection, d.ID), Title: d.Title, LanguageCode: d.LanguageCode,
		PublishTimePrecision: accordv1.TimePrecision(d.PublishPrecision),
		Source:               d.Source, Uri: d.URI, Text: d.Text, Metadata: d.Metadata,
	}
	if !d.PublishTime.IsZero() {
		out.PublishTime = timestamppb.New(d.PublishTime)
	}
	for _, b := range d.Blocks {
		out.Blocks = append(out.Blocks, &accordv1.Block{Kind: accordv1.PassageKind(b.Kind), Range: &accordv1.TextRange{
			Start: int32(b.Range.Start), End: int32(b.Range.End), StartByte: int32(b.Range.StartByte), EndByte: int32(b.Range.EndByte),
		}})
	}
	return out
}

// prune deletes documents that came from a file and are no longer in it.
func (c *ingestCmd) prune(ctx context.Context, conn *grpc.ClientConn, file *sentFile, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, pruneTimeout)
	defer cancel()
	search, ingest := accordv1.NewSearchServiceClient(conn), accordv1.NewIngestServiceClient(conn)
	for token := ""; ; {
		page, err := search.ListDocuments(ctx, &accordv1.ListDocumentsRequest{
			Collection: c.Collection, PageToken: token, Filter: &accordv1.Filter{Metadata: map[string]string{"file": file.name}},
		})
		if err != nil {
			return err
		}
		for _, d := range page.GetDocuments() {
			if file.names[d.GetName()] {
				continue
			}
			_, err := ingest.DeleteDocument(ctx, &accordv1.DeleteDocumentRequest{Name: d.GetName()})
			if err != nil && status.Code(err) != codes.NotFound { // another client deleted it
				return err
			}
			r.deleted(file.name, d.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			return nil
		}
	}
}
