package v1

import (
	"errors"
	"io"
	"sync/atomic"

	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// ImportDocuments implements accord.v1.IngestService. ingest.Importer describes the order
// of writes and answers.
func (s *ingestServer) ImportDocuments(stream accordv1.IngestService_ImportDocumentsServer) error {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	settings := first.GetSettings()
	if settings == nil {
		return &document.FieldError{Field: "settings", Problem: "must be the first message of an import"}
	}
	if err := s.validate(first); err != nil {
		return err
	}
	run := ingest.Import{Collection: document.CollectionID(settings.GetParent()), Deferred: deferred(settings.WaitForIndex), Cut: s.cut(stream.Context())}
	if from := settings.GetVectorSpace(); from != nil {
		accepting, err := s.cfg.Spaces.Compatible(stream.Context(), run.Collection, toVectorSpace(from))
		if err != nil {
			return err
		}
		run.VectorTable = accepting.VectorTable
	}
	return s.cfg.Importer.Run(stream.Context(), run, &importStream{
		IngestService_ImportDocumentsServer: stream, services: s.Services, acceptVectors: run.VectorTable != "",
	})
}

// importStream decodes the messages of an import and encodes the answers.
type importStream struct {
	accordv1.IngestService_ImportDocumentsServer
	services           *Services
	acceptVectors      bool
	received, answered atomic.Int64 // number of documents
}

// Receive implements ingest.Stream.
func (i *importStream) Receive() (ingest.Received, error) {
	var given importedVectors
	for {
		req, err := i.next()
		if errors.Is(err, io.EOF) {
			return ingest.Received{}, io.EOF
		}
		if err != nil {
			return ingest.Received{}, err
		}
		if req.GetVectors() != nil {
			given.add(i.services, req, i.acceptVectors)
			continue
		}
		i.received.Add(1)
		return ingest.Received{
			Name: req.GetDocument().GetName(), Size: len(req.GetDocument().GetText()), Vectors: given.windows, Precondition: toPrecondition(req.GetPrecondition()),
			Decode: func() (document.Document, error) {
				if given.err != nil {
					return document.Document{}, given.err
				}
				return i.services.toImported(req)
			},
		}, nil
	}
}

// toImported decodes one document of an import.
func (s *Services) toImported(req *accordv1.ImportDocumentsRequest) (document.Document, error) {
	if req.GetDocument() == nil {
		return document.Document{}, &document.FieldError{Field: "document", Problem: "is missing: every message after the settings must have a document"}
	}
	if err := s.validate(req); err != nil {
		return document.Document{}, err
	}
	return toDocument(req.GetDocument())
}

// Send implements ingest.Stream.
func (i *importStream) Send(answer ingest.Imported) error {
	if err := i.IngestService_ImportDocumentsServer.Send(i.fromImported(answer)); err != nil {
		return err
	}
	i.answered.Add(1)
	return nil
}

// fromImported encodes the answer of one document.
func (i *importStream) fromImported(answer ingest.Imported) *accordv1.ImportDocumentsResponse {
	out := &accordv1.ImportDocumentsResponse{Name: answer.Name, Calibrating: answer.Calibrating}
	if answer.Err != nil {
		out.Outcome = accordv1.WriteOutcome_WRITE_OUTCOME_FAILED
		out.Status = status.Convert(i.services.toStatus(i.Context(), answer.Err)).Proto()
		return out
	}
	stored := answer.Result.Document
	out.Outcome, out.PassageCount = fromOutcome(answer.Result.Outcome), int32(answer.Result.Passages)
	out.TextDigest, out.Etag, out.IndexState = stored.Digest, stored.ETag, accordv1.IndexState(stored.IndexState)
	out.FailedWindowCount = int32(len(stored.Failures))
	return out
}
