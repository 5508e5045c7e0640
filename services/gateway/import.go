package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/server"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	importVerb = "/documents:import"
	importPath = "/v1/{parent=collections/*}" + importVerb
	// lineLimit is how long a read of an import may wait for data. It is longer than the
	// gRPC server waits for a message, so that the server ends an idle import.
	lineLimit = 6 * time.Minute
	// maxRefused is the maximum number of refusals that wait until the documents before them
	// are answered.
	maxRefused = 256
)

// lines is an import over HTTP. It reads a document from each line of the request, and writes
// its result as a line of the answer, in the same order.
type lines struct {
	w       http.ResponseWriter
	r       *http.Request
	stream  accordv1.IngestService_ImportDocumentsClient
	maxLine int
	held    *server.Held // counts the memory of a line and its document

	mu             sync.Mutex
	started        bool // whether the head of the answer was written
	replied        bool // whether the gRPC server has sent anything
	sent, answered int  // numbers of documents
	refused        []refusal
	slots          chan struct{} // has a value for each refusal in refused, and limits their number
	broken         error         // why the rest of the lines cannot be read
	ended          bool          // whether the answer is complete, so that nothing may follow it
}

// refusal is the result of a line that is not a document. It is written when the number of
// answered documents has reached after.
type refusal struct {
	after  int
	result *accordv1.ImportDocumentsResponse
}

// importDocuments imports the documents of a request.
func (g *gateway) importDocuments(w http.ResponseWriter, r *http.Request, path map[string]string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stream, err := g.openImport(ctx, r, path["parent"])
	if err != nil {
		fail(r.Context(), nil, nil, w, r, err)
		return
	}
	limits := http.NewResponseController(w)
	_ = limits.EnableFullDuplex() // fails with HTTP/2, which is always full duplex
	if r.ProtoMajor == 1 {        // unread lines would be taken for the next request
		w.Header().Set("Connection", "close")
	}
	l := &lines{w: w, r: r, stream: stream, maxLine: g.cfg.MaxMessageBytes * jsonGrowth, held: g.cfg.Hold(), slots: make(chan struct{}, maxRefused)}
	defer l.held.Release()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		err := guard.Call(func() error { return l.send(ctx) })
		l.mu.Lock()
		defer l.mu.Unlock()
		l.broken = err
		_ = stream.CloseSend() // Recv returns the same error
	}()
	l.answer()
	cancel()
	_ = limits.SetReadDeadline(time.Now()) // ends send if it is still reading
	<-sent
	_ = limits.SetReadDeadline(time.Now().Add(restLimit)) // net/http waits for the lines that were not read
}

// send sends the document of each line, until the lines or the stream end. It returns an
// error if the lines cannot be read to the end.
func (l *lines) send(ctx context.Context) error {
	body := bufio.NewReader(timedReader{l.r.Body, http.NewResponseController(l.w)})
	for n := 1; ; n++ {
		line, err := l.next(body)
		if len(line) == 0 {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		document := &accordv1.Document{}
		if err := protojson.Unmarshal(line, document); err != nil {
			if !l.refuse(ctx, fmt.Sprintf("line %d is not JSON of a Document: %s", n, jsonProblem(err))) {
				return nil
			}
			continue
		}
		l.mu.Lock()
		l.sent++
		l.mu.Unlock()
		if err := l.stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: document}}); err != nil {
			return nil // answer receives the reason
		}
	}
}

// next returns the next line with its line break, or no bytes after the last line. Its error
// may be a status.
func (l *lines) next(body *bufio.Reader) (line []byte, err error) {
	for {
		part, err := body.ReadSlice('\n')
		line = append(line, part...)
		switch full := l.held.Set(len(line)); {
		case full != nil:
			return nil, full
		case len(line) > l.maxLine:
			return nil, errors.New("a line is above the server's size limit")
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		default:
			return line, nil
		}
	}
}

// refuse adds the result of a line that is not a document. It returns false if the import has
// ended.
func (l *lines) refuse(ctx context.Context, problem string) bool {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.refused = append(l.refused, refusal{l.sent, &accordv1.ImportDocumentsResponse{
		Outcome: accordv1.WriteOutcome_WRITE_OUTCOME_FAILED, Status: newStatus(codes.InvalidArgument, invalidRequest, problem).Proto(),
	}})
	return l.writeRefused() == nil
}

// writeRefused writes the refusals that have no unanswered documents before them. l.mu must be
// locked.
func (l *lines) writeRefused() error {
	for len(l.refused) > 0 && l.refused[0].after <= l.answered {
		if err := l.write(l.refused[0].result); err != nil {
			return err
		}
		l.refused = l.refused[1:]
		<-l.slots
	}
	return nil
}

// answer writes the result of each document. If the import ends early, the last line says why.
func (l *lines) answer() {
	for {
		result, err := l.stream.Recv()
		if err != nil {
			l.end(err)
			return
		}
		l.mu.Lock()
		l.replied = true
		if err = l.write(result); err == nil {
			l.answered++
			err = l.writeRefused()
		}
		l.mu.Unlock()
		if err != nil {
			return // the client is gone
		}
	}
}

// start writes the head of the answer if it was not written yet. l.mu must be locked.
func (l *lines) start() {
	if l.started {
		return
	}
	l.started = true
	if l.replied { // otherwise Header would wait
		if md, err := l.stream.Header(); err == nil {
			setHeaders(l.w, "", md)
		}
	}
	l.w.Header().Set("Content-Type", jsonLines)
	l.w.WriteHeader(http.StatusOK)
}

// write writes a result as a line. l.mu must be locked.
func (l *lines) write(result *accordv1.ImportDocumentsResponse) error {
	l.start()
	line, err := newJSON().Marshal(result)
	if err != nil {
		return err
	}
	if _, err := l.w.Write(append(line, '\n')); err != nil {
		return err
	}
	limits := http.NewResponseController(l.w)
	err = limits.Flush()
	_ = limits.SetWriteDeadline(time.Time{}) // with HTTP/2 it would end an import whose next result takes longer
	return err
}

// end finishes the answer after the stream has ended. If the import failed, the error is the
// last line, or the whole answer if no line was written before.
func (l *lines) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replied, l.ended = true, true
	if errors.Is(err, io.EOF) {
		err = l.broken
		if _, isStatus := status.FromError(err); !isStatus { // true for nil
			err = status.Errorf(codes.InvalidArgument, "the lines cannot be read to the end; those before were answered: %v", l.broken)
		}
	}
	switch {
	case err == nil:
		l.start()
	case !l.started:
		fail(l.r.Context(), nil, nil, l.w, l.r, err)
		return
	default:
		if line, err := newJSON().Marshal(map[string]proto.Message{"error": status.Convert(err).Proto()}); err == nil {
			_, _ = l.w.Write(append(line, '\n')) // fails if the client is gone
		}
	}
	setHeaders(l.w, http.TrailerPrefix, l.stream.Trailer())
}

// timedReader limits the time of each read to lineLimit. Between reads there is no limit, since
// net/http would end the import if one passed.
type timedReader struct {
	io.Reader
	limits *http.ResponseController
}

// Read implements io.Reader.
func (r timedReader) Read(p []byte) (int, error) {
	_ = r.limits.SetReadDeadline(time.Now().Add(lineLimit))
	defer func() { _ = r.limits.SetReadDeadline(time.Time{}) }()
	return r.Reader.Read(p)
}
