package v1

import (
	"context"

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
		Document: fromIndexed(stored), Outcome: fromOutcome(result.Outcome), PassageCount: int32(result.Passages),
		FailedWindowCount: int32(len(stored.Failures)),
	}, nil
}

// DeleteDocument implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocument(ctx context.Context, req *accordv1.DeleteDocumentRequest) (*accordv1.DeleteDocumentResponse, error) {
	collection, id := documentIDs(req.GetName())
	if err := s.cfg.Store.DeleteDocument(ctx, collection, id); err != nil {
		return nil, err
	}
	s.cfg.Calibrator.Changed(collection)
	return &accordv1.DeleteDocumentResponse{}, nil
}
