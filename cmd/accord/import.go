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
	input   tree.File
	name    string
	number  int // the file's number in the report, from 1
	root    *root
	awaited int // number of documents whose answers receive waits for, or waited for

	// Set by receive.
	failed   bool // whether a document was not stored
	stored   tree.Documents
	passages int

	// Set when all documents were sent.
	whole   bool         // whether all of the file was read and sent
	stale   bool         // whether the server may have documents that the file no longer has
	content tree.Content // what the file held
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
	begun    bool               // whether a file was begun
	noPrunes bool               // delete nothing more, since the server was slow or unavailable, or ctx ended

	unavailable int // number of consecutive answers with UNAVAILABLE
}

// newImporter returns an importer that is connected to a server.
func (c *ingestCmd) newImporter(r *report) (*importer, error) {
	conn, err := c.dial()
	if err != nil {
		return nil, err
	}
	im := &importer{ingestCmd: c, conn: conn, report: r}
	im.roots.close() // makes the empty maps
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
			read:    func(next *fileToRead, give func(*filePiece) error) error { return im.plan(ctx, next, give) },
			begin:   im.begin,
			take:    func(next *fileToRead, piece *filePiece) error { return im.take(ctx, next, piece) },
			end:     func(next *fileToRead) error { return im.end(ctx, next) },
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

// begin reports a file, before its pieces are taken.
func (im *importer) begin(next *fileToRead) error {
	im.begun = true
	file := im.named(next)
	next.sent = &sentFile{input: file, name: file.Name, root: next.root}
	if next.walked == nil && next.compared.Unchanged {
		im.report.unchanged(file.Name, next.compared)
	}
	err := im.report.begin(next)
	next.sent.number = im.report.files
	return err
}

// take sends the documents of a piece of a file, except for those that are refused. The
// error is io.EOF if the stream has ended.
func (im *importer) take(ctx context.Context, next *fileToRead, piece *filePiece) error {
	im.reportRead(next, piece, im.report)
	own := map[string]bool{}
	for _, d := range piece.file.Documents {
		own[d.ID] = true
	}
	for _, d := range piece.documents {
		if !own[path.Base(d.GetName())] {
			continue
		}
		if err := im.sendDocument(ctx, next, piece, d); err != nil {
			return err
		}
	}
	return nil
}

// end makes receive finish a file, unless it was not read.
func (im *importer) end(ctx context.Context, next *fileToRead) error {
	if next.walked != nil || next.compared.Unchanged {
		return nil
	}
	file := next.sent
	file.whole, file.content = !next.partly, next.compared.Content
	file.stale = next.before > next.own || im.ReplaceRoot
	return im.await(ctx, sentDocument{file: file})
}

// sendDocument sends a document, or reports why it is not sent.
func (im *importer) sendDocument(ctx context.Context, next *fileToRead, piece *filePiece, d *accordv1.Document) error {
	request := importRequest(d, piece.preconditions[d.GetName()])
	size, refused := proto.Size(request), piece.refused[d.GetName()]
	if refused == nil && size > maxRequest {
		refused = fmt.Errorf("takes %d bytes, more than the limit of %d per message: split it", size, maxRequest)
	}
	if refused != nil {
		next.partly = true
		im.report.refused(next.sent.name, d.GetName(), refused)
		return nil
	}
	if err := im.await(ctx, sentDocument{next.sent, d}); err != nil {
		return err
	}
	next.sent.awaited++
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
	if im.begun && next.walked == nil && (next.sent == nil || next.sent.awaited == 0) {
		im.report.notRead(path.Join(im.Prefix, next.input.Name))
	}
}

// receive reads one answer per document, in order.
func (im *importer) receive(ctx context.Context) error {
	var broken error
	im.unavailable = 0
	for s := range im.waiting {
		switch {
		case s.document == nil:
			im.finish(ctx, s.file)
			continue
		case broken == nil:
			var ack *accordv1.ImportDocumentsResponse
			if ack, broken = im.stream.Recv(); broken == nil {
				broken = im.checkUnavailable(im.answered(ctx, s, ack))
				continue
			}
			if cause := context.Cause(ctx); cause != nil { // reading or sending failed
				broken = cause
			}
		}
		s.file.failed = true
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

// checkUnavailable counts consecutive answers with UNAVAILABLE, given why a document was not
// stored, or nil. At maxUnavailable it ends the import and returns the reason.
func (im *importer) checkUnavailable(failed error) error {
	if im.unavailable++; status.Code(failed) != codes.Unavailable {
		im.unavailable = 0
	}
	if im.unavailable < maxUnavailable {
		return nil
	}
	im.why = status.Errorf(codes.Unavailable, "the import gives up, since the server could not store %d documents in a row; import again when it can: %s",
		im.unavailable, status.Convert(failed).Message())
	im.giveUp()
	return im.why
}

// finish deletes the documents that a file no longer has, and remembers that the others are
// stored. It does nothing if a document of the file was not read or not stored. It reports a
// deletion that fails. Deletions for later files are still tried, unless the server is slow
// or unavailable.
func (im *importer) finish(ctx context.Context, file *sentFile) {
	if !file.whole || file.failed || im.noPrunes {
		return
	}
	if file.stale {
		if err := im.pruneFile(ctx, file); err != nil {
			im.noPrunes = ctx.Err() != nil || isRetriable(status.Code(err))
			im.report.notDeleted(file.name, err)
			return
		}
	}
	if err := file.root.memory.Remember(file.name, file.content, file.stored, file.passages); err != nil {
		im.report.note("%v", err)
	}
}
