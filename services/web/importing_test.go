package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// newPages returns pages whose imports run a function. There is no gRPC server, and any visitor
// may do anything.
func newPages(t *testing.T, run func(context.Context) error) http.Handler {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	pages, err := New(Config{
		Conn: conn, Health: conn, Logger: slog.New(slog.DiscardHandler), Check: func(context.Context, string) error { return nil },
		Import: func(ctx context.Context, _ string, _ []string, _, _ io.Writer) error { return run(ctx) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// limitedWriter records the limits of a connection.
type limitedWriter struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

// SetReadDeadline is for http.ResponseController.
func (w *limitedWriter) SetReadDeadline(at time.Time) error { w.read = at; return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *limitedWriter) SetWriteDeadline(at time.Time) error { w.write = at; return nil }

// flushedWriter records the limit of writes with which the end of an answer is sent.
type flushedWriter struct {
	limitedWriter
	limit time.Time
}

// Flush implements http.Flusher.
func (w *flushedWriter) Flush() { w.limit = w.write }

// TestEndOfPage: the end of a page is sent while writes have a limit. Otherwise a visitor who
// does not read it could keep the connection forever.
func TestEndOfPage(t *testing.T) {
	w := &flushedWriter{limitedWriter: limitedWriter{ResponseRecorder: httptest.NewRecorder()}}
	newPages(t, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", http.NoBody))
	if w.Code != http.StatusOK || w.limit.IsZero() || !w.write.IsZero() {
		t.Errorf("%d: the end of the page is sent until %v, and writes end at %v afterwards", w.Code, w.limit, w.write)
	}
}

// TestUnreadBody: the limit of a body that a page does not read stays, since net/http waits for the
// body. Otherwise a visitor who does not send it could keep the connection forever.
func TestUnreadBody(t *testing.T) {
	w := &limitedWriter{ResponseRecorder: httptest.NewRecorder()}
	newPages(t, nil).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/logout", strings.NewReader("a body")))
	if w.Code != http.StatusSeeOther || w.read.IsZero() {
		t.Errorf("%d: after the page, reads end at %v", w.Code, w.read)
	}
}

// TestImportWithRest: if more follows the files than browsers send, the limit for reading stays.
func TestImportWithRest(t *testing.T) {
	body, kind := form(t)
	body.WriteString(strings.Repeat(" ", 2*maxRest))
	w := &limitedWriter{ResponseRecorder: httptest.NewRecorder()}
	ran := false
	pages := newPages(t, func(context.Context) error {
		if ran = true; w.read.IsZero() {
			t.Error("during the import, reads have no limit")
		}
		return nil
	})
	r := httptest.NewRequest(http.MethodPost, "/admin/import", body)
	r.Header.Set("Content-Type", kind)
	pages.ServeHTTP(w, r)
	if !ran {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

// slowBody moves the limits of a connection away before each read, as if time had passed.
type slowBody struct {
	io.Reader
	t     *testing.T
	w     *limitedWriter
	reads int
}

// Read implements io.Reader.
func (b *slowBody) Read(p []byte) (int, error) {
	if in := time.Until(b.w.read); in < writeTime/2 || in > writeTime || b.w.write.Before(b.w.read) {
		b.t.Errorf("read %d: %v for it, and %v for the answer", b.reads, in, time.Until(b.w.write))
	}
	b.w.read, b.w.write = time.Time{}, time.Time{}
	b.reads++
	return b.Reader.Read(p[:min(len(p), 100)])
}

// form returns a form with a file, and its content type.
func form(t *testing.T) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	f := multipart.NewWriter(body)
	part, err := f.CreateFormFile("files", "a.txt")
	if err == nil {
		_, err = io.WriteString(part, strings.Repeat("Words of a file. ", 500))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return body, f.FormDataContentType()
}

// TestImportTakesTime: files may arrive slowly, as long as data keeps arriving. While their
// documents are stored, the connection has no limits: net/http would end the request when one
// passes.
func TestImportTakesTime(t *testing.T) {
	body, kind := form(t)
	w := &limitedWriter{ResponseRecorder: httptest.NewRecorder()}
	ran := false
	pages := newPages(t, func(context.Context) error {
		if ran = true; !w.read.IsZero() || !w.write.IsZero() {
			t.Errorf("during the import, reads end at %v and writes at %v", w.read, w.write)
		}
		return nil
	})
	slow := &slowBody{Reader: body, t: t, w: w}
	r := httptest.NewRequest(http.MethodPost, "/admin/import", slow)
	r.Header.Set("Content-Type", kind)
	pages.ServeHTTP(w, r)
	if !ran || slow.reads < 10 || !strings.Contains(w.Body.String(), "The import has ended.") {
		t.Errorf("%d reads, %d: %s", slow.reads, w.Code, w.Body)
	}
}

// TestImportEndsEarly: the page does not report a complete import if the import ended early,
// whatever the error is.
func TestImportEndsEarly(t *testing.T) {
	for what, run := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errors.New("disk") },
		"panic": func(context.Context) error { panic("fault") },
	} {
		body, kind := form(t)
		r, w := httptest.NewRequest(http.MethodPost, "/admin/import", body), httptest.NewRecorder()
		r.Header.Set("Content-Type", kind)
		newPages(t, run).ServeHTTP(w, r)
		if page := w.Body.String(); !strings.Contains(page, "ended early") || strings.Contains(page, "has ended") || strings.Contains(page, "disk") {
			t.Errorf("%s: %s", what, page)
		}
	}
}
