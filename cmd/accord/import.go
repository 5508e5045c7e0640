package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// sentDocument is a document that was sent and has no answer yet.
type sentDocument struct {
	file     *sentFile
	document *accordv1.Document
}

// sentFile is a file whose documents are sent.
type sentFile struct {
	name  string
	root  string
	names map[string]bool // of its documents
	whole bool            // whether all documents were read and stored
}

// sendAhead is the maximum number of documents that are read and sent before the first
// of them is answered.
const sendAhead = 16

// maxUnavailable is the number of consecutive UNAVAILABLE answers after which the import
// gives up: twice the number of documents that can be in flight when the database or the
// model server goes down.
const maxUnavailable = 2 * sendAhead

// importer imports files over one stream.
type importer struct {
	*ingestCmd
	giveUp context.CancelFunc // ends the stream
	why    error              // reason for giving up; nil if it did not
	conn   *grpc.ClientConn
	stream accordv1.IngestService_ImportDocumentsClient
	report *report
}

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
	return c.prune(ctx, conn, files, r)
}

// importFiles imports the files and returns them in order. If the stream fails, for example
// because the server stopped, it reports the error for each document that has no answer.
func (c *ingestCmd) importFiles(ctx context.Context, conn *grpc.ClientConn, inputs []corpus.Input, r *report) ([]*sentFile, error) {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	group, ctx := errgroup.WithContext(ctx)
	stream, err := c.openImport(ctx, conn)
	if err != nil {
		return nil, err
	}
	im := &importer{ingestCmd: c, giveUp: giveUp, conn: conn, stream: stream, report: r}
	var files []*sentFile
	waiting := make(chan sentDocument, sendAhead)
	group.Go(guard.Func(func() error {
		defer close(waiting)
		var err error
		files, err = im.sendFiles(ctx, inputs, waiting)
		return err
	}))
	group.Go(guard.Func(func() error { return im.receive(ctx, waiting) }))
	if err = group.Wait(); im.why != nil {
		err = im.why
	}
	return files, err
}

// openImport opens a stream and sends the settings.
func (c *ingestCmd) openImport(ctx context.Context, conn *grpc.ClientConn) (accordv1.IngestService_ImportDocumentsClient, error) {
	stream, err := accordv1.NewIngestServiceClient(conn).ImportDocuments(ctx)
	if err != nil {
		return nil, err
	}
	settings := &accordv1.ImportSettings{Parent: string(c.Collection), WaitForIndex: proto.Bool(!c.NoWait)}
	err = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: settings}})
	if errors.Is(err, io.EOF) { // Recv returns the error of the stream
		err = nil
	}
	return stream, err
}

// sendFiles sends the documents of all files until the stream ends.
func (im *importer) sendFiles(ctx context.Context, inputs []corpus.Input, waiting chan<- sentDocument) ([]*sentFile, error) {
	var files []*sentFile
	for i, input := range inputs {
		out, err := im.sendFile(ctx, input, waiting)
		files = append(files, out)
		switch {
		case errors.Is(err, io.EOF): // the stream has ended; receive gets its error
			im.report.notRead(inputs[i+1:])
			return files, nil
		case err != nil && i > 0:
			im.report.notRead(inputs[i:])
			return files, err
		case err != nil: // nothing of the file was sent
			return files, err
		}
		im.report.fileDone()
	}
	return files, im.stream.CloseSend()
}

// sendFile sends the documents of a file, except for those that are stored from another
// folder. The error is io.EOF if the stream has ended.
func (im *importer) sendFile(ctx context.Context, input corpus.Input, waiting chan<- sentDocument) (*sentFile, error) {
	file, ok := im.read(input, im.report)
	out := &sentFile{name: input.Name, root: im.root(input), names: map[string]bool{}, whole: ok}
	var documents []*accordv1.Document
	for _, d := range file.Documents {
		documents = append(documents, im.encode(d))
	}
	foreign, preconditions, err := im.checkStored(ctx, documents, out.root)
	if err != nil {
		return out, err
	}
	for _, d := range documents {
		out.names[d.GetName()] = true
		request := importRequest(d, preconditions[d.GetName()])
		switch size := proto.Size(request); {
		case foreign[d.GetName()]:
			out.whole = false
			im.report.foreign(input.Name, d.GetName())
			continue
		case size > maxRequest:
			out.whole = false
			im.report.unanswered(input.Name, d.GetName(), fmt.Errorf("takes %d bytes, more than the limit of %d per message: split it", size, maxRequest))
			continue
		}
		select {
		case waiting <- sentDocument{out, d}:
		case <-ctx.Done():
			return out, context.Cause(ctx)
		}
		if err := im.stream.Send(request); err != nil {
			return out, err
		}
	}
	return out, nil
}

// receive reads one answer per document, in order.
func (im *importer) receive(ctx context.Context, waiting <-chan sentDocument) error {
	var broken error
	unavailable := 0 // consecutive answers
	for s := range waiting {
		if broken == nil {
			var ack *accordv1.ImportDocumentsResponse
			if ack, broken = im.stream.Recv(); broken == nil {
				failed := im.answered(ctx, s, ack)
				if unavailable++; status.Code(failed) != codes.Unavailable {
					unavailable = 0
				}
				if unavailable == maxUnavailable {
					broken = status.Errorf(codes.Unavailable, "the import gives up, since the server could not store %d documents in a row; import again when it can: %s",
						unavailable, status.Convert(failed).Message())
					im.why = broken
					im.giveUp()
				}
				continue
			}
			if cause := context.Cause(ctx); cause != nil { // sendFiles failed
				broken = cause
			}
		}
		s.file.whole = false
		im.report.unanswered(s.file.name, s.document.GetName(), broken)
	}
	if broken != nil {
		return broken
	}
	_, err := im.stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (c *ingestCmd) encode(d document.Document) *accordv1.Document {
	collection, _ := document.ParseCollectionName(string(c.Collection))
	out := &accordv1.Document{
		Name: document.Name(collection, d.ID), Title: d.Title, LanguageCode: d.LanguageCode,
		PublishTimePrecision: accordv1.TimePrecision(d.PublishPrecision),
		Source:               d.Source, Uri: d.URI, Text: d.Text, Metadata: d.Metadata,
	}
	if !d.PublishTime.IsZero() {
		out.PublishTime = timestamppb.New(d.PublishTime)
	}
	for _, start := range d.PageStarts {
		out.PageStarts = append(out.PageStarts, int32(start))
	}
	for _, b := range d.Blocks {
		out.Blocks = append(out.Blocks, &accordv1.Block{Kind: accordv1.PassageKind(b.Kind), Range: &accordv1.TextRange{
			Start: int32(b.Range.Start), End: int32(b.Range.End), StartByte: int32(b.Range.StartByte), EndByte: int32(b.Range.EndByte),
		}})
	}
	return out
}
