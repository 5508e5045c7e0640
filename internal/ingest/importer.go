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

// importsInFlight is the maximum number of documents of one import that are processed at
// once, and of those that wait for earlier answers.
const importsInFlight = 64

// Writer writes one document. See Ingester for the full contract.
type Writer interface {
	Upsert(ctx context.Context, d document.Document, p document.Precondition) (Result, error)
	Enqueue(ctx context.Context, d document.Document, p document.Precondition) (Result, error)
	UpsertGiven(ctx context.Context, d document.Document, p document.Precondition, given Given) (Result, error)
}

// ImportCalibrator updates calibrations around imports. See maintenance.Keeper.
type ImportCalibrator interface {
	// Importing announces many writes, until done is called.
	Importing() (done func())
	// Settle calibrates after an import of a number of passages. It returns false if
	// this continues in the background.
	Settle(ctx context.Context, collection string, passages int) (settled bool, err error)
}

// ErrNoMore means that the server ends an import, and not its caller.
var ErrNoMore = errors.New("the import takes no more documents")

// Stream brings the documents of an import and takes the answers.
type Stream interface {
	// Receive returns the next document, or io.EOF after the last one. An error that wraps
	// ErrNoMore ends the import with that error, after all that was received is answered.
	Receive() (Received, error)
	// Send takes the answer of one document. Answers come in the order of the documents.
	// It is never called twice at the same time, but may be called beside Receive.
	Send(answer Imported) error
}

// Received is a document that came from a stream.
type Received struct {
	// Name is the resource name that the caller gave. Documents with the same name are
	// written one after the other.
	Name string
	// Size is the length of the text in bytes.
	Size int
	// Vectors are the vectors of the document for Import.VectorTable, if it came with
	// some.
	Vectors []document.PassageVector
	// Precondition must hold for the document to be written.
	Precondition document.Precondition
	// Decode returns the document, or the reason why it is refused. It is called beside
	// the Decode of other documents.
	Decode func() (document.Document, error)
}

// Imported is the answer of one document: the result of its write, or the reason why it
// failed.
type Imported struct {
	Name   string
	Result Result
	Err    error
	// Calibrating reports whether calibration continues in the background. Only the
	// last answer of an import has it.
	Calibrating bool
}

// Import says how the documents of a stream are written.
type Import struct {
	// Collection is the id of the collection. Documents of another one are refused.
	Collection string
	// Deferred writes documents without vectors with Enqueue instead of Upsert.
	Deferred bool
	// VectorTable is that of the space that vectors in the stream are for.
	VectorTable string
}

// ImporterConfig holds the dependencies and limits of an Importer.
type ImporterConfig struct {
	Writer     Writer
	Calibrator ImportCalibrator
	// Timeout limits the time for one document.
	Timeout time.Duration
	// Logger receives the errors of calibrations.
	Logger *slog.Logger
}

// Importer writes documents that arrive in streams. It is safe for concurrent use.
type Importer struct{ cfg ImporterConfig }

// NewImporter returns an importer.
func NewImporter(cfg ImporterConfig) *Importer { return &Importer{cfg} }

// Run writes the documents of a stream. It processes several at once and answers in
// order. A document that fails does not end the import. Run returns the errors of the
// stream, and that of ctx.
func (im *Importer) Run(ctx context.Context, settings Import, stream Stream) error {
	defer im.cfg.Calibrator.Importing()()
	group, groupCtx := errgroup.WithContext(ctx)
	var ended error
	queue := make(chan *importItem, importsInFlight-1) // one more is with the sender of answers
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
	calibrating, err := im.settle(ctx, settings.Collection, answers.written)
	if last := answers.last; last != nil && err == nil {
		last.Calibrating = calibrating
		return stream.Send(*last)
	}
	return err
}

// settle calibrates what was imported before the stream ends, so that searches after it
// see the final ranking. calibrating is true if this continues in the background. If it
// fails, it is retried later.
func (im *Importer) settle(ctx context.Context, collection string, passages int) (calibrating bool, err error) {
	settled, err := im.cfg.Calibrator.Settle(ctx, collection, passages)
	if errors.Is(err, document.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		im.cfg.Logger.WarnContext(ctx, "calibration after an import failed; it will be retried", "collection", collection, "error", err)
	}
	return !settled, ctx.Err()
}

// importItem is a document of an import that is being processed.
type importItem struct {
	name   string
	done   chan struct{} // closed once answer is set
	answer Imported
}

// receive starts processing each document as it arrives, but after earlier documents
// with the same name.
func (im *Importer) receive(ctx context.Context, group *errgroup.Group, stream Stream, settings Import, queue chan<- *importItem) error {
	var latest [importsInFlight]*importItem // earlier ones are done, otherwise queue would be full
	pace := newPace()
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
		group.Go(func() error {
			defer close(next.done)
			if earlier != nil {
				<-earlier.done // every document has a deadline
			}
			begun := time.Now()
			next.answer = im.write(ctx, settings, received)
			pace.end(received.Size, time.Since(begun))
			return nil
		})
	}
}

// latestNamed returns the latest of the documents before index n that has a name, or nil.
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
			answer.Result, err = im.cfg.Writer.UpsertGiven(ctx, d, received.Precondition, Given{settings.VectorTable, received.Vectors})
		case settings.Deferred:
			answer.Result, err = im.cfg.Writer.Enqueue(ctx, d, received.Precondition)
		default:
			answer.Result, err = im.cfg.Writer.Upsert(ctx, d, received.Precondition)
		}
		return err
	})
	return answer
}

// answerSender sends the answers of an import in order.
type answerSender struct {
	stream Stream
	// last is the answer of the last document. It is held back if the end of the stream
	// was known when it was ready.
	last    *Imported
	written int // number of passages
}

func (a *answerSender) send(ctx context.Context, queue <-chan *importItem) error {
	for d, more := <-queue; more; {
		select {
		case <-d.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if d.answer.Err == nil && d.answer.Result.Outcome != Unchanged {
			a.written += d.answer.Result.Passages
		}
		var next *importItem
		known := true
		select {
		case next, more = <-queue:
		default:
			known = false
		}
		if known && !more {
			a.last = &d.answer
			return nil
		}
		if err := a.stream.Send(d.answer); err != nil {
			return err
		}
		if !known {
			next, more = <-queue
		}
		d = next
	}
	return nil
}
