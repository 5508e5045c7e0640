package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
)

// stream delivers documents and records the answers.
type stream struct {
	documents []document.Document // a document without an id cannot be decoded
	end       error               // returned after the last document; nil means io.EOF
	ended     chan struct{}       // if not nil, closed before end is returned
	answers   []ingest.Imported
	refuse    error // error of Send
}

var errDecode = errors.New("cannot be decoded")

// Receive implements ingest.Stream.
func (s *stream) Receive() (ingest.Received, error) {
	if len(s.documents) == 0 {
		if s.ended != nil {
			close(s.ended)
		}
		if s.end != nil {
			return ingest.Received{}, s.end
		}
		return ingest.Received{}, io.EOF
	}
	d := s.documents[0]
	s.documents = s.documents[1:]
	return ingest.Received{Name: document.Name(d.Collection, d.ID), Size: len(d.Text), Decode: func() (document.Document, error) {
		if d.ID == "" {
			return d, errDecode
		}
		return d, nil
	}}, nil
}

// Send implements ingest.Stream.
func (s *stream) Send(answer ingest.Imported) error {
	s.answers = append(s.answers, answer)
	return s.refuse
}

// writer writes with a function, and records the deferred documents.
type writer struct {
	write func(ctx context.Context, d document.Document) (ingest.Result, error)

	mu       sync.Mutex
	deferred []string
}

// Upsert implements ingest.Writer.
func (w *writer) Upsert(ctx context.Context, d document.Document, _ document.Precondition) (ingest.Result, error) {
	return w.write(ctx, d)
}

// Enqueue implements ingest.Writer.
func (w *writer) Enqueue(ctx context.Context, d document.Document, _ document.Precondition) (ingest.Result, error) {
	w.mu.Lock()
	w.deferred = append(w.deferred, d.ID)
	w.mu.Unlock()
	return w.write(ctx, d)
}

// UpsertWithVectors implements ingest.Writer.
func (w *writer) UpsertWithVectors(ctx context.Context, d document.Document, _ document.Precondition, _ ingest.OwnVectors) (ingest.Result, error) {
	return w.write(ctx, d)
}

// settler records the imports that it is asked to calibrate.
type settler struct {
	busy      bool
	fails     error
	announced int // number of running imports
	settled   []string
}

// Importing implements ingest.ImportCalibrator.
func (s *settler) Importing() func() {
	s.announced++
	return func() { s.announced-- }
}

// Settle implements ingest.ImportCalibrator.
func (s *settler) Settle(_ context.Context, collection string, passages int) (bool, error) {
	s.settled = append(s.settled, fmt.Sprint(collection, " ", passages))
	return !s.busy, s.fails
}

func newImporter(w ingest.Writer, s ingest.ImportCalibrator) *ingest.Importer {
	return ingest.NewImporter(ingest.ImporterConfig{Writer: w, Calibrator: s, Timeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
}

func documentsNamed(ids ...string) (list []document.Document) {
	for i, id := range ids {
		list = append(list, document.Document{Collection: "c", ID: id, Text: fmt.Sprint("Text ", i)})
	}
	return list
}
