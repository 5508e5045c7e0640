package v1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// importsInFlight is the maximum number of documents of one import that are processed at
// once, and of those that wait for earlier answers.
const importsInFlight = 64

// ImportDocuments implements accord.v1.IngestService. It reads documents in order,
// processes several at once, and answers in order. Documents with the same name are
// processed one after the other.
func (s *ingestServer) ImportDocuments(stream accordv1.IngestService_ImportDocumentsServer) error {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	if first.GetSettings() == nil {
		return &document.FieldError{Field: "settings", Problem: "must be the first message of an import"}
	}
	if err := s.validate(first); err != nil {
		return err
	}
	collection := collectionID(first.GetSettings().GetCollection())

	defer s.cfg.Calibrator.Importing()()
	group, ctx := errgroup.WithContext(stream.Context())
	queue := make(chan *importItem, importsInFlight-1) // one more is with the sender of answers
	group.Go(guard.Func(func() error {
		defer close(queue)
		return s.receive(ctx, group, stream, first.GetSettings(), queue)
	}))
	answers := answerSender{stream: stream}
	group.Go(guard.Func(func() error { return answers.send(ctx, queue) }))
	if err := group.Wait(); err != nil {
		return err
	}
	calibrating, err := s.settle(stream.Context(), collection, answers.written)
	if last := answers.last; last != nil && err == nil {
		last.Calibrating = calibrating
		return stream.Send(last)
	}
	return err
}

// settle calibrates what was imported before the stream ends, so that searches after it
// see the final ranking. calibrating is true if this continues in the background. If it
// fails, it is retried later.
func (s *ingestServer) settle(ctx context.Context, collection string, passages int) (calibrating bool, err error) {
	settled, err := s.cfg.Calibrator.Settle(ctx, collection, passages)
	if errors.Is(err, document.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		s.cfg.Logger.WarnContext(ctx, "calibration after an import failed; it will be retried", "collection", collection, "error", err)
	}
	return !settled, ctx.Err()
}

// importItem is a document of an import that is being processed.
type importItem struct {
	name   string
	done   chan struct{} // closed once answer is set
	answer *accordv1.ImportDocumentsResponse
}

// receive starts processing each document as it arrives, but after earlier documents
// with the same name.
func (s *ingestServer) receive(ctx context.Context, group *errgroup.Group, stream accordv1.IngestService_ImportDocumentsServer, settings *accordv1.ImportSettings, queue chan<- *importItem) error {
	var latest [importsInFlight]*importItem // earlier ones are done, otherwise queue would be full
	pace := newPace()
	for i := 0; ; i++ {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		size := len(req.GetDocument().GetText())
		if err := pace.begin(ctx, size); err != nil {
			return err
		}
		next := &importItem{name: req.GetDocument().GetName(), done: make(chan struct{})}
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
			next.answer = s.importOne(ctx, settings, req)
			pace.end(size, time.Since(begun))
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

// answerSender sends the answers of an import in order.
type answerSender struct {
	stream accordv1.IngestService_ImportDocumentsServer
	// last is the answer of the last document. It is held back if the end of the stream
	// was known when it was ready.
	last    *accordv1.ImportDocumentsResponse
	written int // number of passages
}

func (a *answerSender) send(ctx context.Context, queue <-chan *importItem) error {
	for d, more := <-queue; more; {
		select {
		case <-d.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if d.answer.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED {
			a.written += int(d.answer.GetPassageCount())
		}
		var next *importItem
		known := true
		select {
		case next, more = <-queue:
		default:
			known = false
		}
		if known && !more {
			a.last = d.answer
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

// importOne writes one document of an import and returns its answer.
func (s *ingestServer) importOne(ctx context.Context, settings *accordv1.ImportSettings, req *accordv1.ImportDocumentsRequest) (answer *accordv1.ImportDocumentsResponse) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.WriteTimeout)
	defer cancel()
	name := req.GetDocument().GetName()
	fail := func(err error) *accordv1.ImportDocumentsResponse {
		return &accordv1.ImportDocumentsResponse{
			Name: name, Outcome: accordv1.WriteOutcome_WRITE_OUTCOME_FAILED,
			Status: status.Convert(s.toStatus(ctx, err)).Proto(),
		}
	}
	err := guard.Call(func() (err error) {
		answer, err = s.importDocument(ctx, settings, req)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return answer
}

// importDocument writes one document of an import.
func (s *ingestServer) importDocument(ctx context.Context, settings *accordv1.ImportSettings, req *accordv1.ImportDocumentsRequest) (*accordv1.ImportDocumentsResponse, error) {
	name := req.GetDocument().GetName()
	if req.GetDocument() == nil {
		return nil, &document.FieldError{Field: "document", Problem: "is missing: every message after the settings must have a document"}
	}
	if err := s.validate(req); err != nil {
		return nil, err
	}
	d, err := toDocument(req.GetDocument())
	if err != nil {
		return nil, err
	}
	if collection := collectionID(settings.GetCollection()); d.Collection != collection {
		return nil, &document.FieldError{
			Field:   "document.name",
			Problem: fmt.Sprintf("%s is not in %s, the collection of this import", name, document.CollectionName(collection)),
		}
	}
	result, err := s.writer(settings.WaitForIndex)(ctx, d)
	if err != nil {
		return nil, err
	}
	return &accordv1.ImportDocumentsResponse{
		Name: name, Outcome: fromOutcome(result.Outcome), TextDigest: result.Document.Digest, PassageCount: int32(result.Passages),
		FailedWindowCount: int32(len(result.Document.Failures)), IndexState: accordv1.IndexState(result.Document.IndexState),
	}, nil
}
