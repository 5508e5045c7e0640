package gateway

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// limitedWriter records the limits of a connection.
type limitedWriter struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

// SetReadDeadline is for http.ResponseController.
func (w *limitedWriter) SetReadDeadline(at time.Time) error { w.read = at; return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *limitedWriter) SetWriteDeadline(at time.Time) error { w.write = at; return nil }

// TestImportWaits: between lines, the connection of an import has no deadlines. Otherwise the
// import would end when one passes.
func TestImportWaits(t *testing.T) {
	t.Parallel()
	connection := &limitedWriter{ResponseRecorder: httptest.NewRecorder()}
	l := lines{w: &countedWriter{connection, &replies{}}, started: true}
	if err := l.write(&accordv1.ImportDocumentsResponse{}); err != nil || connection.Body.Len() == 0 || !connection.write.IsZero() {
		t.Errorf("%q was written; writes end at %v, error %v", connection.Body, connection.write, err)
	}
	body := timedReader{iotest.ErrReader(iotest.ErrTimeout), http.NewResponseController(l.w)}
	if _, err := body.Read(nil); err == nil || !connection.read.IsZero() {
		t.Errorf("after a read, reads end at %v, error %v", connection.read, err)
	}
}

// TestImportEndsOnce: after the error that is the whole answer of an import, no result of a line
// is written.
func TestImportEndsOnce(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	l := lines{w: w, r: httptest.NewRequest(http.MethodPost, "/", http.NoBody), slots: make(chan struct{}, 1)}
	l.end(errors.New("the import failed"))
	answer := w.Body.String()
	if l.refuse(t.Context(), "line 1 is not JSON of a Document") || w.Body.String() != answer || answer == "" {
		t.Errorf("after %q: %q", answer, w.Body)
	}
}
