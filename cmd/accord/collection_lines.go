package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/archive"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// lineReader reads the documents of an exported collection.
type lineReader struct {
	file          *archive.Reader
	collection    string // collection that the documents are imported into
	ignoreUnknown bool
	vectors       bool
}

// lineDocument is a document, the number of its line, and its vectors as messages to send.
type lineDocument struct {
	*accordv1.Document
	line    int
	vectors []*accordv1.DocumentVectors
}

// next returns the next document, or io.EOF at the end. If a line cannot be imported, next
// reports it and returns the error.
func (l lineReader) next(r *copyReport) (lineDocument, error) {
	entry, err := l.file.Next()
	var refused *archive.LineError
	if errors.As(err, &refused) {
		r.refused(refused.Line, refused.Err)
	}
	if err != nil {
		return lineDocument{}, err
	}
	d, err := l.decode(entry)
	if err != nil {
		r.refused(l.file.Line(), err)
		return d, err
	}
	r.read++
	return d, nil
}

func (l lineReader) decode(entry archive.Entry) (lineDocument, error) {
	out := lineDocument{Document: &accordv1.Document{}, line: l.file.Line()}
	if err := l.unmarshal(entry.Document, out.Document); err != nil {
		return out, fmt.Errorf("document: %w", err)
	}
	_, id, ok := document.ParseName(out.GetName())
	if !ok {
		return out, fmt.Errorf("document.name: %q must be collections/{collection}/documents/{document}", out.GetName())
	}
	out.Name = l.collection + "/documents/" + id
	if size := proto.Size(out.Document); size > maxRequest {
		return out, fmt.Errorf("%s: takes %d bytes, more than the limit of %d per message; split the document where it comes from", out.GetName(), size, maxRequest)
	}
	if !l.vectors {
		return out, nil
	}
	var err error
	out.vectors, err = l.decodeVectors(entry.Vectors)
	return out, err
}

// decodeVectors returns the vectors of the windows in messages of up to 1 MiB.
func (l lineReader) decodeVectors(windows []json.RawMessage) (out []*accordv1.DocumentVectors, err error) {
	const most = 1 << 20
	size := most
	for i, encoded := range windows {
		w := &accordv1.WindowVector{}
		if err := l.unmarshal(encoded, w); err != nil {
			return nil, fmt.Errorf("vectors[%d]: %w", i, err)
		}
		if size += len(w.GetVector()); size > most {
			out, size = append(out, &accordv1.DocumentVectors{}), len(w.GetVector())
		}
		last := out[len(out)-1]
		last.Windows = append(last.Windows, w)
	}
	return out, nil
}

// unmarshal decodes a message. It refuses unknown fields, unless they are to be ignored.
func (l lineReader) unmarshal(encoded []byte, msg proto.Message) error {
	err := protojson.UnmarshalOptions{DiscardUnknown: l.ignoreUnknown}.Unmarshal(encoded, msg)
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		return &archive.UnknownFieldError{Err: err}
	}
	return err
}

// send sends the document after its vectors.
func (d lineDocument) send(stream accordv1.IngestService_ImportDocumentsClient) error {
	for _, vectors := range d.vectors {
		if err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Vectors{Vectors: vectors}}); err != nil {
			return err
		}
	}
	return stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d.Document}})
}

// storedDocuments finds out which documents of a file the server already has. It walks the
// file and the server's list in step, both ordered by name. If a file has another order,
// more documents are sent again than necessary.
type storedDocuments struct {
	list    *documentList
	page    []*accordv1.Document
	pending bool // whether documents that wait for vectors count as stored
}

// has reports whether the server has this version of a document. It compares etags, which
// depend only on what writers set.
func (s *storedDocuments) has(ctx context.Context, d *accordv1.Document) (bool, error) {
	for {
		for len(s.page) > 0 && s.page[0].GetName() < d.GetName() {
			s.page = s.page[1:]
		}
		if len(s.page) > 0 {
			held := s.page[0]
			return held.GetName() == d.GetName() && held.GetEtag() == d.GetEtag() && s.complete(held.GetIndexState()), nil
		}
		var err error
		if s.page, err = s.list.next(ctx); err != nil || len(s.page) == 0 {
			return false, err
		}
	}
}

// complete reports whether importing a document again would add no vectors.
func (s *storedDocuments) complete(state accordv1.IndexState) bool {
	return state == accordv1.IndexState_INDEX_STATE_COMPLETE || state == accordv1.IndexState_INDEX_STATE_PARTIAL ||
		s.pending && state == accordv1.IndexState_INDEX_STATE_PENDING
}

// fileDocument is a document that was sent and has no answer yet.
type fileDocument struct {
	line         int
	name, digest string
}

// copyReport counts and prints the outcome of each line of a file. It is safe for
// concurrent use.
type copyReport struct {
	io        streams
	file      string
	keepGoing bool
	read      int // documents that were decoded

	mu       sync.Mutex
	outcomes map[string]int
	failed   int
}

// refused counts a line that cannot be imported, and prints why.
func (r *copyReport) refused(line int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
	fmt.Fprintf(r.io.err, "%s:%d: %s\n", r.file, line, oneLine(err.Error()))
}

// stopped reports whether the import ends because a line could not be imported.
func (r *copyReport) stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed > 0 && !r.keepGoing
}

func (r *copyReport) count(outcome string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outcomes == nil {
		r.outcomes = map[string]int{}
	}
	r.outcomes[outcome]++
}

// end prints the totals of an import. It returns an error if a line could not be imported.
func (r *copyReport) end() error {
	var parts []string
	for _, outcome := range []string{"created", "updated", "unchanged", "already stored"} {
		if n := r.outcomes[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	if r.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d refused", r.failed))
	}
	if len(parts) == 0 {
		parts = []string{"none"}
	}
	fmt.Fprintf(r.io.out, "documents: %s\n", strings.Join(parts, ", "))
	switch {
	case r.failed == 0:
		return nil
	case !r.keepGoing:
		fmt.Fprintln(r.io.err, "the import stopped there; --keep-going imports the other documents")
	}
	return errReported
}

// endValidation prints the result of --validate-only.
func (r *copyReport) endValidation() error {
	if r.failed > 0 {
		fmt.Fprintf(r.io.out, "%d documents can be imported, %d lines cannot\n", r.read, r.failed)
		return errReported
	}
	fmt.Fprintf(r.io.out, "%d documents, all intact\n", r.read)
	return nil
}
