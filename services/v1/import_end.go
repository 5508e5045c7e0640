package v1

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// defaultImportIdle is the default of Config.ImportIdle.
const defaultImportIdle = 5 * time.Minute

var (
	// errStopping means that an import ended because the server stops.
	errStopping = errors.New("the server is stopping")
	// errIdle means that an import ended because its caller sent nothing.
	errIdle = errors.New("no document came for too long")
)

// endedImportError is the error of an import that the server ended.
type endedImportError struct {
	why      error
	answered int // number of answered documents
}

// Error implements error.
func (e *endedImportError) Error() string {
	return fmt.Sprintf("%v; the first %d documents of this import are answered; send the others in a new import, to another server or later", e.why, e.answered)
}

// Unwrap makes the importer answer what it has received (ingest.ErrNoMore).
func (e *endedImportError) Unwrap() []error { return []error{e.why, ingest.ErrNoMore} }

// Public returns the text for callers.
func (e *endedImportError) Public() string { return e.Error() }

// next returns the next message of an import. Otherwise it returns io.EOF, an
// endedImportError or a transportError.
func (i *importStream) next() (*accordv1.ImportDocumentsRequest, error) {
	type message struct {
		req *accordv1.ImportDocumentsRequest
		err error
	}
	arrived := make(chan message, 1)
	// The goroutine ends when a message arrives or when the stream ends, which it does once
	// the handler has returned this error.
	go func() {
		var m message
		m.err = guard.Call(func() (err error) { m.req, err = i.Recv(); return err })
		arrived <- m
	}()
	idle := time.NewTicker(i.services.cfg.ImportIdle)
	defer idle.Stop()
	for {
		select {
		case m := <-arrived:
			return m.req, m.err
		case <-i.services.cfg.Stopping:
			return nil, i.ended(errStopping)
		case <-idle.C:
			if i.received.Load() == i.answered.Load() { // otherwise the caller may be waiting for our answers, and is not idle
				return nil, i.ended(errIdle)
			}
		}
	}
}

// cutShare is the share of StopTimeout after which an import abandons what it has not stored.
// The rest of the time is for the answers.
const cutShare = 0.8

// cut returns a channel that is closed when the writes of an import have to end because the
// server stops. ctx is that of the import's stream.
func (s *Services) cut(ctx context.Context) <-chan struct{} {
	cut := make(chan struct{})
	go guard.Log(s.cfg.Logger, "cut of an import", func() {
		select {
		case <-s.cfg.Stopping:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(time.Duration(cutShare * float64(s.cfg.StopTimeout))):
			close(cut)
		case <-ctx.Done():
		}
	})()
	return cut
}

// ended returns the error with which the server ends an import. why is the reason. Every
// received document is answered before the caller gets the error.
func (i *importStream) ended(why error) error {
	return &endedImportError{why, int(i.received.Load())}
}
