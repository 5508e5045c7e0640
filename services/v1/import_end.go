package v1

import (
	"errors"
	"fmt"
	"time"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// defaultImportIdle is how long an import may go on without a message.
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
	answered int // number of documents
}

// Error implements error.
func (e *endedImportError) Error() string {
	return fmt.Sprintf("%v; the first %d documents of this import are answered; send the others in a new import, to another server or later", e.why, e.answered)
}

// Unwrap makes the importer answer what it has received.
func (e *endedImportError) Unwrap() []error { return []error{e.why, ingest.ErrNoMore} }

// Public returns the text for callers.
func (e *endedImportError) Public() string { return e.Error() }

// next returns the next message of an import, or why there is none: io.EOF, an
// endedImportError, or a transportError.
func (i *importStream) next() (*accordv1.ImportDocumentsRequest, error) {
	type message struct {
		req *accordv1.ImportDocumentsRequest
		err error
	}
	arrived := make(chan message, 1)
	// The goroutine ends with the message, or with the stream, which ends when the handler
	// returns after an error.
	go func() {
		var m message
		if err := guard.Call(func() (err error) { m.req, err = i.Recv(); return err }); err != nil {
			m.err = &transportError{err}
		}
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
			if i.received.Load() == i.answered.Load() { // otherwise the caller may wait for us
				return nil, i.ended(errIdle)
			}
		}
	}
}

// ended returns the error of an import that ends after all that it received is answered.
func (i *importStream) ended(why error) error {
	return &endedImportError{why, int(i.received.Load())}
}
