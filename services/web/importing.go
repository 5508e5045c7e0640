package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// maxImports is the maximum number of imports at the same time: each reads a file into
	// memory.
	maxImports = 2
	// maxFiles and maxUpload bound the files of an import, in number and in bytes.
	maxFiles  = 1000
	maxUpload = 64 << 20
	// importTime limits an import.
	importTime = 30 * time.Minute
)

// importFiles reads the files of a form and writes their documents. The answer grows with each
// document, so that the visitor sees the progress even without the script.
func (s *site) importFiles(v *visit) error {
	if err := v.may(accordv1.IngestService_ImportDocuments_FullMethodName); err != nil {
		return err
	}
	select {
	case s.imports <- struct{}{}:
		defer func() { <-s.imports }()
	default:
		return &pageError{http.StatusTooManyRequests, "Another import is running", "Wait until it has ended, then drop the files again."}
	}
	folder, err := os.MkdirTemp("", "accord-import-")
	if err != nil {
		return fmt.Errorf("folder for uploaded files: %w", err)
	}
	defer os.RemoveAll(folder)
	collection, files, err := v.receiveFiles(folder)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.detached(), importTime)
	defer cancel()
	report := v.beginReport(collection, len(files))
	err = guard.Call(func() error {
		return s.cfg.Import(ctx, collection, files, report.each((*importReport).document), report.each((*importReport).note))
	})
	report.end(err)
	return nil
}

// detached returns the context of the visit without the time limit of a page. It ends when the
// visitor leaves.
func (v *visit) detached() context.Context {
	return v.site.asCaller(v.r.Context(), v.r)
}

// receiveFiles stores the files of a form in a folder, and returns the collection and the
// paths.
func (v *visit) receiveFiles(folder string) (collection string, files []string, err error) {
	collection = document.CollectionName(document.DefaultCollection)
	arriving := &arriving{v.r.Body, http.NewResponseController(v.w), time.Now().Add(importTime)}
	defer arriving.end()
	v.r.Body = arriving
	form, err := v.r.MultipartReader()
	if err != nil {
		return "", nil, badRequest("The form must be sent as multipart/form-data.")
	}
	left := int64(maxUpload)
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF) && len(files) == 0:
			return "", nil, &pageError{http.StatusBadRequest, "No file was sent", "Choose at least one file."}
		case errors.Is(err, io.EOF):
			return collection, files, nil
		case err != nil:
			return "", nil, badRequest("The files did not arrive completely. Send them again.")
		case part.FormName() == "in":
			id, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return "", nil, badRequest("The form did not arrive completely. Send it again.")
			}
			collection = document.CollectionName(string(id))
			if _, ok := document.ParseCollectionName(collection); !ok {
				return "", nil, badRequest("The name of a collection has 1 to 63 of a-z, 0-9 and inner hyphens.")
			}
		case part.FileName() == "": // the visitor chose no file
		case len(files) == maxFiles:
			return "", nil, &pageError{http.StatusRequestEntityTooLarge, "Too many files", fmt.Sprintf("Send at most %d at a time, or use accord ingest.", maxFiles)}
		default:
			path, size, err := store(part, folder, left)
			if err != nil {
				return "", nil, err
			}
			left -= size
			files = append(files, path)
		}
	}
}

// arriving is a body that may take longer than a page, as long as data keeps arriving.
type arriving struct {
	io.ReadCloser
	limits *http.ResponseController
	until  time.Time // when it must have arrived
}

// Read implements io.Reader.
func (a *arriving) Read(p []byte) (int, error) {
	next := time.Now().Add(writeTime)
	if next.After(a.until) {
		next = a.until
	}
	a.limit(next, next.Add(writeTime))
	return a.ReadCloser.Read(p)
}

// maxRest bounds the bytes that may follow the files of a form. Browsers send two.
const maxRest = 64 << 10

// end removes the limits for reading and writing while the visitor waits for the server.
// Otherwise net/http would end the request when the limit for reading passes, and with HTTP/2
// also when the limit for writing does. The limits stay if the body has more than the form:
// net/http waits for the rest before it sends the answer.
func (a *arriving) end() {
	if latest := time.Now().Add(writeTime); a.until.After(latest) {
		a.until = latest
	}
	if _, err := io.CopyN(io.Discard, a, maxRest); errors.Is(err, io.EOF) {
		a.limit(time.Time{}, time.Time{})
	}
}

// limit sets the limits for reading, and for writing the answer to what was read.
func (a *arriving) limit(read, write time.Time) {
	_, _ = a.limits.SetReadDeadline(read), a.limits.SetWriteDeadline(write) // fail only for a connection that is not a net.Conn
}

// store writes an uploaded file into a folder. It fails if the file has more than most bytes.
func store(part *multipart.Part, folder string, most int64) (path string, size int64, err error) {
	name := filepath.Base(filepath.FromSlash(strings.ReplaceAll(part.FileName(), `\`, "/")))
	path = filepath.Join(folder, name)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, badRequest(fmt.Sprintf("The file %q cannot be stored: its name is too long, is not valid, or is that of another file.", name))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	size, err = io.Copy(file, io.LimitReader(part, most+1))
	switch {
	case size > most:
		return "", 0, &pageError{http.StatusRequestEntityTooLarge, "The files are too large", fmt.Sprintf("Send at most %d MiB at a time, or use accord ingest.", maxUpload>>20)}
	case err != nil:
		return "", 0, badRequest("The files did not arrive completely. Send them again.")
	}
	return path, size, nil
}

// importReport writes the report of an import, part by part, while the import runs.
type importReport struct {
	mu     sync.Mutex
	v      *visit
	number int
}

// importLine is a line of the report.
type importLine struct {
	Number   int
	Name     string // id of a document
	Link     string
	File     string
	Outcome  string
	Passages string
	Error    string
	Note     string // if it is set, the other fields are not
}

func (v *visit) beginReport(collection string, files int) *importReport {
	r := &importReport{v: v}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(http.StatusOK)
	r.write("head", v.layout("Import", nil))
	r.write("import-begin", map[string]any{"Files": counted(int64(files), "file"), "Collection": strings.TrimPrefix(collection, "collections/")})
	return r
}

// write sends a part of the page at once.
func (r *importReport) write(name string, content any) {
	limits := http.NewResponseController(r.v.w)
	_ = limits.SetWriteDeadline(time.Now().Add(writeTime)) // fails only if the connection is not a net.Conn
	if err := r.v.site.templates.ExecuteTemplate(r.v.w, name, content); err == nil {
		_ = limits.Flush() // fails if the client is gone
	}
	_ = limits.SetWriteDeadline(time.Time{}) // the next part may come much later
}

// document adds a document to the report. line is what the import reports about it as JSON.
func (r *importReport) document(line []byte) {
	var d struct {
		File, Name, Outcome, Error string
		Passages                   int32
	}
	if json.Unmarshal(line, &d) != nil || d.Name == "" { // a line about a file or the summary, which the notes report too
		return
	}
	r.number++
	passages := ""
	if d.Passages > 0 {
		passages = counted(int64(d.Passages), "passage")
	}
	r.write("import-line", importLine{
		Number: r.number, Name: d.Name[strings.LastIndex(d.Name, "/")+1:], Link: "/read/" + d.Name, File: d.File,
		Outcome: strings.ToLower(d.Outcome), Passages: passages, Error: d.Error,
	})
}

// note adds a line of text to the report.
func (r *importReport) note(line []byte) { r.write("import-line", importLine{Note: string(line)}) }

// end writes the rest of the page. err is the reason why the import ended early, or nil.
func (r *importReport) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	problem := ""
	if err != nil {
		level := slog.LevelError
		problem = "The server's log says why."
		if st, ok := status.FromError(err); ok {
			problem, level = st.Message(), slog.LevelInfo
		}
		r.v.site.cfg.Logger.Log(r.v.r.Context(), level, "an import over the page ended early", "error", err)
	}
	r.write("import-end", problem)
	r.write("foot", r.v.layout("", nil))
}

// lines is a writer that calls a function with each line.
type lines struct {
	report *importReport
	each   func(*importReport, []byte)
	rest   []byte
}

func (r *importReport) each(f func(*importReport, []byte)) io.Writer {
	return &lines{report: r, each: f}
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.report.mu.Lock()
	defer l.report.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.each(l.report, line)
		l.rest = rest
	}
}
