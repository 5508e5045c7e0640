package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/archive"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type collectionImportCmd struct {
	File          string         `arg:"" type:"existingfile" help:"File that accord collection export wrote."`
	Collection    collectionName `help:"Collection to write to; it is created if it is missing. If empty, it has the name of the exported one."`
	ModelServer   string         `help:"Configured name of the model server of a new collection; the server's default if empty."`
	Vectors       bool           `help:"Store the vectors of the file instead of embedding the documents. The collection must have their model."`
	NoWait        bool           `help:"Do not wait for the documents' vectors, which are made in the background; until then documents are found only by words."`
	KeepGoing     bool           `help:"Import the other documents after a line was refused."`
	IgnoreUnknown bool           `help:"Leave out fields that this version does not know."`
	ValidateOnly  bool           `aliases:"dry-run" help:"Only check the whole file; needs no server."`

	copyFlags `embed:""`

	pause time.Duration // how long a stream stays open without a document; 0 means maxPause
}

// maxPause is how long a stream stays open without a document to send. Servers end a stream
// after five minutes without one.
const maxPause = time.Minute

// Help returns the examples of --help.
func (*collectionImportCmd) Help() string {
	return examples("accord collection import --validate-only news.jsonl.zst", "accord collection import news.jsonl.zst",
		"accord collection import --vectors --collection copy news.jsonl.zst")
}

// Run imports the file. To continue an interrupted import, run it again: documents that are
// stored already are skipped.
func (c *collectionImportCmd) Run(ctx context.Context, io streams) error {
	file, err := archive.Open(c.File, c.IgnoreUnknown)
	if err != nil {
		return err
	}
	defer file.Close()
	r := &copyReport{io: io, file: c.File, keepGoing: c.KeepGoing}
	if c.ValidateOnly {
		return c.validateFile(ctx, file, r)
	}
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	im := &collectionImport{collectionImportCmd: c, conn: conn, file: file, report: r}
	settings, err := im.prepare(ctx)
	if err != nil {
		return err
	}
	const page = 1000
	im.pause = cmp.Or(c.pause, maxPause)
	im.lines = lineReader{file, im.name, c.IgnoreUnknown, c.Vectors}
	im.stored = &storedDocuments{im.listDocuments(conn, im.name, page), nil, c.NoWait && !c.Vectors}
	if err := im.run(ctx, settings); err != nil {
		return sayInterrupted(io, err)
	}
	return r.end()
}

// validateFile checks all lines and imports nothing.
func (c *collectionImportCmd) validateFile(ctx context.Context, file *archive.Reader, r *copyReport) error {
	r.keepGoing = true
	lines := lineReader{file, document.CollectionName("any"), c.IgnoreUnknown, false}
	for ctx.Err() == nil {
		_, err := lines.next(r)
		if errors.Is(err, io.EOF) {
			return r.endValidation()
		}
	}
	return ctx.Err()
}

// collectionImport is one run of the command.
type collectionImport struct {
	*collectionImportCmd
	conn   *grpc.ClientConn
	file   *archive.Reader
	report *copyReport
	name   string // name of the collection
	lines  lineReader
	stored *storedDocuments
}

// prepare finds or creates the collection, and returns the settings of the import.
func (im *collectionImport) prepare(ctx context.Context) (*accordv1.ImportSettings, error) {
	header := im.file.Header()
	var exported accordv1.Collection
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(header.Collection, &exported); err != nil {
		return nil, fmt.Errorf("line 1: collection: %w", err)
	}
	if im.name = string(im.Collection); im.name == "" {
		im.name = exported.GetName()
	}
	settings := &accordv1.ImportSettings{Parent: im.name, WaitForIndex: proto.Bool(!im.NoWait)}
	if im.Vectors {
		if header.VectorSpace == nil {
			return nil, errors.New("the file has no vectors; import it without --vectors, or export it with them")
		}
		settings.VectorSpace = &accordv1.Space{}
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(header.VectorSpace, settings.GetVectorSpace()); err != nil {
			return nil, fmt.Errorf("line 1: vector_space: %w", err)
		}
	}
	target, err := im.target(ctx)
	if err == nil && target.GetModel() != exported.GetModel() {
		fmt.Fprintf(im.report.io.err, "%s was embedded with %s, and is embedded with %s here: searches may give other results\n",
			exported.GetName(), exported.GetModel(), target.GetModel())
	}
	return settings, err
}

// target returns the collection to write to. It creates it if it is missing.
func (im *collectionImport) target(ctx context.Context) (*accordv1.Collection, error) {
	id, ok := document.ParseCollectionName(im.name)
	if !ok {
		return nil, fmt.Errorf("line 1: the collection's name %q must be collections/{collection}; choose one with --collection", im.name)
	}
	client := accordv1.NewCollectionServiceClient(im.conn)
	got, err := copyCall(ctx, im.copyFlags, client.GetCollection, &accordv1.GetCollectionRequest{Name: im.name})
	if status.Code(err) != codes.NotFound {
		return got.GetCollection(), err
	}
	created, err := copyCall(ctx, im.copyFlags, client.CreateCollection, &accordv1.CreateCollectionRequest{CollectionId: id, ModelServer: im.ModelServer})
	if status.Code(err) == codes.AlreadyExists { // created in the meantime, such as by a server that has just started
		got, err = copyCall(ctx, im.copyFlags, client.GetCollection, &accordv1.GetCollectionRequest{Name: im.name})
		return got.GetCollection(), err
	}
	return created.GetCollection(), err
}

// run imports the documents that the server does not have. It opens the first stream before it
// reads the file, so that a server can refuse the import early. It closes a stream during each
// pause, since reading past many documents that are already stored may take minutes, and
// opens another one afterwards.
func (im *collectionImport) run(ctx context.Context, settings *accordv1.ImportSettings) (err error) {
	for d := (lineDocument{}); err == nil; d, err = im.nextMissing(ctx, 0) {
		if err := im.runStream(ctx, settings, d); err != nil {
			return err
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// runStream opens a stream and imports documents over it until a pause or the end of the file.
// The first one is d, unless it is empty. If the stream fails, runStream returns the error.
func (im *collectionImport) runStream(ctx context.Context, settings *accordv1.ImportSettings, d lineDocument) error {
	group, ctx := errgroup.WithContext(ctx)
	stream, err := accordv1.NewIngestServiceClient(im.conn).ImportDocuments(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: settings}})
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: Recv returns the error of the stream
		return err
	}
	waiting := make(chan fileDocument, sendAhead)
	group.Go(guard.Func(func() error {
		defer close(waiting)
		if err := im.sendAll(ctx, stream, waiting, d); err != nil {
			return err
		}
		return stream.CloseSend()
	}))
	group.Go(guard.Func(func() error { return im.receiveAll(stream, waiting) }))
	return group.Wait()
}

// sendAll sends documents until a pause or the end of the file. The first one is d, unless it is
// empty.
func (im *collectionImport) sendAll(
	ctx context.Context, stream accordv1.IngestService_ImportDocumentsClient, waiting chan<- fileDocument, d lineDocument,
) (err error) {
	for ; err == nil; d, err = im.nextMissing(ctx, im.pause) {
		if d.Document == nil {
			continue
		}
		select {
		case waiting <- fileDocument{line: d.line, name: d.GetName(), digest: d.GetTextDigest()}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := d.send(stream); errors.Is(err, io.EOF) {
			return nil // receiveAll gets the error of the stream
		} else if err != nil {
			return err
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, errPause) {
		return nil
	}
	return err
}

// errPause means that nextMissing found no document within its limit.
var errPause = errors.New("no document to send was found in time")

// nextMissing returns the next document of the file that the server does not have. After the
// last one, or after a refused line that stops the import, it returns io.EOF. If it finds none
// within limit, it returns errPause. A limit of 0 means no limit.
func (im *collectionImport) nextMissing(ctx context.Context, limit time.Duration) (lineDocument, error) {
	for begun := time.Now(); !im.report.stopped(); {
		if limit > 0 && time.Since(begun) > limit {
			return lineDocument{}, errPause
		}
		d, err := im.lines.next(im.report)
		switch {
		case errors.Is(err, io.EOF):
			return d, err
		case err != nil: // a line that was refused
			continue
		}
		has, err := im.stored.has(ctx, d.Document)
		if err != nil {
			return d, err
		}
		if !has {
			return d, nil
		}
		im.report.count("already stored")
	}
	return lineDocument{}, io.EOF
}

// receiveAll reads one answer per document.
func (im *collectionImport) receiveAll(stream accordv1.IngestService_ImportDocumentsClient, waiting <-chan fileDocument) error {
	var calibrating bool
	for d := range waiting {
		ack, err := stream.Recv()
		if err != nil {
			return err
		}
		calibrating = ack.GetCalibrating()
		switch {
		case ack.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_FAILED:
			im.report.refused(d.line, fmt.Errorf("%s: %s", d.name, ack.GetStatus().GetMessage()))
		case d.digest != "" && ack.GetTextDigest() != d.digest:
			im.report.refused(d.line, fmt.Errorf("%s: was stored with another text than the file has: %s instead of %s", d.name, ack.GetTextDigest(), d.digest))
		default:
			im.report.count(strings.ToLower(strings.TrimPrefix(ack.GetOutcome().String(), "WRITE_OUTCOME_")))
		}
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return err
	}
	if calibrating {
		fmt.Fprintln(im.report.io.err, "the server is still calibrating the collection; until it has, scores and order may change")
	}
	return nil
}
