package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
)

// importsInFlight is the maximum number of documents of one import that are being processed
// or wait for earlier answers to be sent.
const importsInFlight = 64

// Writer writes one document. See Ingester for the full contract.
type Writer interface {
	Upsert(ctx context.Context, d document.Document, p document.Precondition) (Result, error)
	Enqueue(ctx context.Context, d document.Document, p document.Precondition) (Result, error)
	UpsertWithVectors(ctx context.Context, d document.Document, p document.Precondition, given OwnVectors) (Result, error)
}

// ImportCalibrator updates calibrations during and after imports. See maintenance.Keeper.
type ImportCalibrator interface {
	// Importing announces that many writes follow, until done is called.
	Importing() (done func())
	// Settle calibrates a collection after an import of that many passages. It returns
	// false if the calibration continues in the background.
	Settle(ctx context.Context, collection string, passages int) (settled bool, err error)
}

// ErrNoMore means that the server, not the caller, ends an import.
var ErrNoMore = errors.New("the import takes no more documents")

// Stream delivers the documents of an import and receives the answers.
type Stream interface {
	// Receive returns the next document, or io.EOF after the last one. If its error wraps
	// ErrNoMore, the import answers everything that it has received and then ends with that
	// error.
	Receive() (Received, error)
	// Send sends the answer for one document. Answers come in the order of the documents.
	// Send is never called concurrently with itself, but may be called concurrently with
	// Receive.
	Send(answer Imported) error
}

// Received is a document that came from a stream.
type Received struct {
	// Name is the resource name that the caller gave. Documents with the same name are
	// written one after the other.
	Name string
	// Size is the length of the text in bytes.
	Size int
	// Vectors are the vectors that the document came with, for Import.VectorTable, if any.
	Vectors []document.PassageVector
	// Precondition must hold for the document to be written.
	Precondition document.Precondition
	// Decode returns the document, or the reason why it is refused. It may run concurrently
	// with the Decode of other documents.
	Decode func() (document.Document, error)
}

// Imported is the answer for one document: the result of its write, or its error.
type Imported struct {
	Name   string
	Result Result
	Err    error
	// Calibrating reports whether calibration continues in the background. Only the answer
	// for the last document of an import can have it.
	Calibrating bool
}

// Import holds the settings of an import.
type Import struct {
	// Collection is the id of the collection. Documents of other collections are refused.
	Collection string
	// Deferred writes documents without waiting for vectors: with Enqueue instead of
	// Upsert.
	Deferred bool
	// VectorTable identifies the space that the vectors in the stream are for.
	VectorTable string
	// Cut is closed when documents that are not stored yet must fail with ErrNoMore.
	Cut <-chan struct{}
}

// ImporterConfig holds the dependencies and limits of an Importer.
type ImporterConfig struct {
	Writer     Writer
	Calibrator ImportCalibrator
	// Timeout limits the time for each document.
	Timeout time.Duration
	// Yields reports whether more urgent calls wait. While they do, an import processes one
	// document at a time. It may be nil.
	Yields func() bool
	// Logger logs errors of calibrations.
	Logger *slog.Logger
}

// Importer writes documents that arrive in streams. It is safe for concurrent use.
type Importer struct{ cfg ImporterConfig }

// NewImporter returns an importer.
func NewImporter(cfg ImporterConfig) *Importer { return &Importer{cfg} }

// Run writes the documents of a stream. It processes several at once and answers in order.
// A document that fails does not end the import. Run returns the error of the stream or of
// ctx, if any.
func (im *Importer) Run(ctx context.Context, settings Import, stream Stream) error {
	defer im.cfg.Calibrator.Importing()()
	group, groupCtx := errgroup.WithContext(ctx)
	var ended error
	queue := make(chan *importItem, importsInFlight-1) // the sender of answers holds one more
	group.Go(guard.Func(func() error {
		defer close(queue)
		err := im.receive(groupCtx, group, stream, settings, queue)
		if errors.Is(err, ErrNoMore) {
			ended, err = err, nil
		}
		return err
	}))
	answers := answerSender{stream: stream}
	group.Go(guard.Func(func() error { return answers.send(groupCtx, queue) }))
	if err := group.Wait(); err != nil {
		return err
	}
	if ended != nil {
		if answers.last != nil {
			return errors.Join(ended, stream.Send(*answers.last))
		}
		return ended
	}
	calibrating, err := im.settle(ctx, settings, answers)
	if last := answers.last; last != nil && err == nil {
		last.Calibrating = calibrating
		return stream.Send(*last)
	}
	return err
}

// settle calibrates the imported documents before the stream ends, so that later searches
// have the final ranking. calibrating is true if that continues in the background. If
// calibration fails, it is retried later. If no document was stored, nothing is calibrated.
func (im *Importer) settle(ctx context.Context, settings Import, answers answerSender) (calibrating bool, err error) {
	if !answers.stored {
		return false, ctx.Err()
	}
	limited, end := im.endedBy(ctx, settings.Cut)
	defer end()
	settled, err := im.cfg.Calibrator.Settle(limited, settings.Collection, answers.written)
	if errors.Is(err, document.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		im.cfg.Logger.WarnContext(ctx, "calibration after an import failed; it will be retried", "collection", settings.Collection, "error", err)
	}
	return !settled, ctx.Err()
}

// endedBy returns a context that ends with ctx, or with the cause ErrNoMore when cut is
// closed.
func (im *Importer) endedBy(ctx context.Context, cut <-chan struct{}) (ended context.Context, end func()) {
	ended, cancel := context.WithCancelCause(ctx)
	go guard.Log(im.cfg.Logger, "cut of an import", func() {
		select {
		case <-cut:
			cancel(ErrNoMore)
		case <-ended.Done():
		}
	})()
	return ended, func() { cancel(nil) }
}

// receive starts to process each document when it arrives. If earlier documents have the
// same name, it waits for them first.
func (im *Importer) receive(ctx context.Context, group *errgroup.Group, stream Stream, settings Import, queue chan<- *importItem) error {
	var latest [importsInFlight]*importItem // all earlier documents are done, since otherwise queue would be full
	pace := newPace(im.cfg.Yields)
	for i := 0; ; i++ {
		received, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := pace.begin(ctx, received.Size); err != nil {
			return err
		}
		next := &importItem{name: received.Name, done: make(chan struct{})}
		select {
		case queue <- next:
		case <-ctx.Done():
			return ctx.Err()
		}
		earlier := latestNamed(latest[:], i, next.name)
		latest[i%len(latest)] = next
		group.Go(guard.Func(func() error {
			defer close(next.done)
			if earlier != nil {
				<-earlier.done // ends, since every document has a deadline
			}
			begun := time.Now()
			next.answer = im.write(ctx, settings, received)
			pace.end(received.Size, time.Since(begun))
			return nil
		}))
	}
}

// latestNamed returns the latest document with a name among those before index n, or nil.
func latestNamed(latest []*importItem, n int, name string) *importItem {
	for i := n - 1; i >= max(0, n-len(latest)); i-- {
		if e := latest[i%len(latest)]; e.name == name {
			return e
		}
	}
	return nil
}

// write writes one document of an import.
func (im *Importer) write(ctx context.Context, settings Import, received Received) Imported {
	ctx, end := im.endedBy(ctx, settings.Cut)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, im.cfg.Timeout)
	defer cancel()
	answer := Imported{Name: received.Name}
	answer.Err = guard.Call(func() error {
		d, err := received.Decode()
		if err != nil {
			return err
		}
		if d.Collection != settings.Collection {
			return &document.FieldError{
				Field:   "document.name",
				Problem: fmt.Sprintf("%s is not in %s, the collection of this import", received.Name, document.CollectionName(settings.Collection)),
			}
		}
		switch {
		case received.Vectors != nil:
			answer.Result, err = im.cfg.Writer.UpsertWithVectors(ctx, d, received.Precondition, OwnVectors{settings.VectorTable, received.Vectors})
		case settings.Deferred:
			answer.Result, err = im.cfg.Writer.Enqueue(ctx, d, received.Precondition)
		default:
			answer.Result, err = im.cfg.Writer.Upsert(ctx, d, received.Precondition)
		}
		return err
	})
	if answer.Err != nil && errors.Is(context.Cause(ctx), ErrNoMore) {
		answer.Err = ErrNoMore
	}
	return answer
}
