package v1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.IngestServiceServer = (*ingestServer)(nil)

type ingestServer struct {
	accordv1.UnimplementedIngestServiceServer
	*Services
}

// UpsertDocument implements accord.v1.IngestService.
func (s *ingestServer) UpsertDocument(ctx context.Context, req *accordv1.UpsertDocumentRequest) (*accordv1.UpsertDocumentResponse, error) {
	d, err := toDocument(req.GetDocument())
	if err != nil {
		return nil, err
	}
	result, err := s.cfg.Ingester.Upsert(ctx, d)
	if err != nil {
		return nil, err
	}
	stored := result.Document
	stored.Text, stored.Blocks = "", nil
	return &accordv1.UpsertDocumentResponse{
		Document: fromDocument(stored), Outcome: fromOutcome(result.Outcome), PassageCount: int32(result.Passages),
	}, nil
}

// DeleteDocument implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocument(ctx context.Context, req *accordv1.DeleteDocumentRequest) (*accordv1.DeleteDocumentResponse, error) {
	collection, id := documentIDs(req.GetName())
	if err := s.cfg.Store.DeleteDocument(ctx, collection, id); err != nil {
		return nil, err
	}
	return &accordv1.DeleteDocumentResponse{}, nil
}

// importsInFlight is how many documents of one import are worked on at once:
// enough that the model server has the next one while Postgres stores the last.
const importsInFlight = 4

// ImportDocuments implements accord.v1.IngestService.
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

	// Documents are read in order, worked on importsInFlight at once, and
	// answered in order: the channel holds the answers to come.
	group, ctx := errgroup.WithContext(stream.Context())
	answers := make(chan chan *accordv1.ImportDocumentsResponse, importsInFlight-1)
	group.Go(func() error {
		defer close(answers)
		for {
			req, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			answer := make(chan *accordv1.ImportDocumentsResponse, 1)
			select {
			case answers <- answer:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error {
				answer <- s.importOne(ctx, collection, req)
				return nil
			})
		}
	})
	group.Go(func() error {
		for answer := range answers {
			select {
			case response := <-answer:
				if err := stream.Send(response); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// importOne writes one document of an import and says what became of it.
func (s *ingestServer) importOne(ctx context.Context, collection string, req *accordv1.ImportDocumentsRequest) (answer *accordv1.ImportDocumentsResponse) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.WriteTimeout)
	defer cancel()
	name := req.GetDocument().GetName()
	fail := func(err error) *accordv1.ImportDocumentsResponse {
		return &accordv1.ImportDocumentsResponse{
			Name: name, Outcome: accordv1.WriteOutcome_WRITE_OUTCOME_FAILED,
			Status: status.Convert(s.toStatus(ctx, err)).Proto(),
		}
	}
	// This goroutine is the import's own: what panics in it would end the server.
	defer func() {
		if p := recover(); p != nil {
			answer = fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if req.GetDocument() == nil {
		return fail(&document.FieldError{Field: "document", Problem: "is missing: after the settings every message holds a document"})
	}
	if err := s.validate(req); err != nil {
		return fail(err)
	}
	d, err := toDocument(req.GetDocument())
	if err != nil {
		return fail(err)
	}
	if d.Collection != collection {
		return fail(&document.FieldError{
			Field:   "document.name",
			Problem: fmt.Sprintf("%s is not of %s, which the import is for", name, document.CollectionName(collection)),
		})
	}
	result, err := s.cfg.Ingester.Upsert(ctx, d)
	if err != nil {
		return fail(err)
	}
	return &accordv1.ImportDocumentsResponse{
		Name: name, Outcome: fromOutcome(result.Outcome), TextDigest: result.Document.Digest, PassageCount: int32(result.Passages),
	}
}
