package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// sentDocument is a document that was sent and has no answer yet. If the document is nil,
// it marks the end of its file.
type sentDocument struct {
	file     *sentFile
	document *accordv1.Document
}

// sentFile is a file whose documents are sent.
type sentFile struct {
	plan
	input    tree.File
	name     string
	names    map[string]bool // names of its documents
	whole    bool            // whether all documents were read and stored
	awaited  int             // number of documents whose answers receive waits for, or waited for
	stored   tree.Documents
	passages int
}

// sendAhead is the maximum number of documents that are read and sent before the first
// of them is answered.
const sendAhead = 16

// maxUnavailable is the number of consecutive UNAVAILABLE answers after which the import
// gives up: twice the number of documents that can be in flight when the database or the
// model server goes down.
const maxUnavailable = 2 * sendAhead

// importer imports files, over one stream for each pass over them.
type importer struct {
	*ingestCmd
	conn   *grpc.ClientConn
	report *report
	roots  roots

	stream   accordv1.IngestService_ImportDocumentsClient
	waiting  chan sentDocument
	giveUp   context.CancelFunc // ends the stream
	why      error              // reason for giving up; nil if it did not
	begun    bool               // whether take was called
	noPrunes bool               // delete nothing more, since the server was away or ctx ended
}

// newImporter returns an importer that is connected to a server.
func (c *ingestCmd) newImporter(r *report) (*importer, error) {
	conn, err := c.dial()
	if err != nil {
		return nil, err
	}
	im := &importer{ingestCmd: c, conn: conn, report: r}
	im.roots.close() // there are none yet
	return im, nil
}

func (im *importer) close() {
	im.roots.close()
	im.conn.Close()
}

// send reads the files, imports their documents over one stream, and deletes documents
// that the files no longer have.
func (c *ingestCmd) send(ctx context.Context, files iter.Seq2[tree.File, error], r *report) error {
	im, err := c.newImporter(r)
	if err != nil {
		return err
	}
	defer im.close()
	r.start()
	if err := im.importFiles(ctx, files); err != nil || !c.Prune {
		return err
	}
	return im.pruneGone(ctx)
}

// importFiles imports files in order. If the stream fails, for example because the server
// stopped, it reports the error for each document that has no answer.
func (im *importer) importFiles(ctx context.Context, files iter.Seq2[tree.File, error]) (err error) {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	group, ctx := errgroup.WithContext(ctx)
	if im.stream, err = im.openImport(ctx, im.conn); err != nil {
		return err
	}
	im.waiting, im.giveUp, im.why, im.begun, im.noPrunes = make(chan sentDocument, sendAhead), giveUp, nil, false, false
	group.Go(guard.Func(func() error {
		defer close(im.waiting)
		err := reader{
			number:  im.readers(),
			read:    func(next *fileToRead) error { return im.plan(ctx, next) },
			take:    func(next *fileToRead) error { return im.take(ctx, next) },
			abandon: im.abandon,
		}.run(ctx, files)
		if errors.Is(err, io.EOF) { // the stream has ended; receive gets its error
			return nil
		}
		return errors.Join(err, im.stream.CloseSend())
	}))
	group.Go(guard.Func(func() error { return im.receive(ctx) }))
	if err = group.Wait(); im.why != nil {
		err = im.why
	}
	return err
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

// take sends the documents of a file, except for those that are refused. The error is
// io.EOF if the stream has ended.
func (im *importer) take(ctx context.Context, next *fileToRead) error {
	im.begun = true
	if next.walked != nil {
		im.report.walked(next.walked)
		return nil
	}
	im.report.nextFile()
	name := path.Join(im.Prefix, next.input.Name)
	if next.compared.Unchanged {
		im.report.unchanged(name, next.compared)
		return nil
	}
	out := &sentFile{plan: next.plan, input: next.input, name: name, names: map[string]bool{}}
	out.input.Name = name
	out.whole = im.reportRead(next, im.report)
	sent := map[string]bool{}
	for _, d := range next.file.Documents {
		sent[d.ID] = true
	}
	for _, d := range next.documents {
		if !sent[path.Base(d.GetName())] {
			continue
		}
		out.names[d.GetName()] = true
		if err := im.sendDocument(ctx, out, d); err != nil {
			next.answering = out.awaited > 0
			return err
		}
	}
	return im.await(ctx, sentDocument{file: out})
}

// sendDocument sends a document, or reports why it is not sent.
func (im *importer) sendDocument(ctx context.Context, file *sentFile, d *accordv1.Document) error {
	request := importRequest(d, file.preconditions[d.GetName()])
	size, refused := proto.Size(request), file.refused[d.GetName()]
	if refused == nil && size > maxRequest {
		refused = fmt.Errorf("takes %d bytes, more than the limit of %d per message: split it", size, maxRequest)
	}
	if refused != nil {
		file.whole = false
		im.report.refused(file.name, d.GetName(), refused)
		return nil
	}
	if err := im.await(ctx, sentDocument{file, d}); err != nil {
		return err
	}
	file.awaited++
	return im.stream.Send(request)
}

// await makes receive wait for the answer for a document.
func (im *importer) await(ctx context.Context, s sentDocument) error {
	select {
	case im.waiting <- s:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// abandon reports a file that the import did not reach, unless the import reached no file at
// all. receive reports a file that was partly sent.
func (im *importer) abandon(next *fileToRead) {
	if im.begun && next.walked == nil && !next.answering {
		im.report.notRead(path.Join(im.Prefix, next.input.Name))
	}
}

// receive reads one answer per document, in order.
func (im *importer) receive(ctx context.Context) error {
	var broken error
	unavailable := 0 // consecutive answers
	for s := range im.waiting {
		switch {
		case s.document == nil:
			im.finish(ctx, s.file)
			continue
		case broken == nil:
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
			if cause := context.Cause(ctx); cause != nil { // reading or sending failed
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

// finish deletes the documents that a file no longer has, and remembers that the others are
// stored. It does nothing if a document of the file was not read or not stored. It reports a
// deletion that fails. Deletions for later files are still tried, unless the server is away.
func (im *importer) finish(ctx context.Context, file *sentFile) {
	if !file.whole || im.noPrunes {
		return
	}
	if file.stale {
		if err := im.pruneFile(ctx, file); err != nil {
			im.noPrunes = ctx.Err() != nil || isRetriable(status.Code(err))
			im.report.notDeleted(file.name, err)
			return
		}
	}
	if err := file.root.memory.Remember(file.name, file.compared.Content, file.stored, file.passages); err != nil {
		im.report.note("%v", err)
	}
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
		out.Blocks = append(out.Blocks, &accordv1.Block{Kind: accordv1.PassageKind(b.Kind), Level: int32(b.Level), Range: &accordv1.TextRange{
			Start: int32(b.Range.Start), End: int32(b.Range.End), StartByte: int32(b.Range.StartByte), EndByte: int32(b.Range.EndByte),
		}})
	}
	return out
}
