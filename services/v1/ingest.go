package v1

import (
	"context"
	"errors"

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

// sampledDocuments is how many of the documents that would be deleted are named.
const sampledDocuments = 20

// DeleteDocuments implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocuments(ctx context.Context, req *accordv1.DeleteDocumentsRequest) (*accordv1.DeleteDocumentsResponse, error) {
	collection := collectionID(req.GetCollection())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	resp, err := s.deleteDocuments(ctx, collection, filter, req.GetValidateOnly())
	if errors.Is(err, document.ErrNotFound) && collection == document.DefaultCollection {
		return &accordv1.DeleteDocumentsResponse{}, nil // it is made when something is first looked for or put in it
	}
	return resp, err
}

func (s *ingestServer) deleteDocuments(ctx context.Context, collection string, filter document.Filter, validateOnly bool) (*accordv1.DeleteDocumentsResponse, error) {
	if validateOnly {
		n, ids, err := s.cfg.Store.CountDocuments(ctx, collection, filter, sampledDocuments)
		out := &accordv1.DeleteDocumentsResponse{DocumentCount: n}
		for _, id := range ids {
			out.SampleDocuments = append(out.SampleDocuments, document.Name(collection, id))
		}
		return out, err
	}
	n, err := s.cfg.Store.DeleteDocuments(ctx, collection, filter)
	if n > 0 {
		s.cfg.Logger.InfoContext(ctx, "documents deleted", "collection", collection, "documents", n)
		s.cfg.Calibrator.Changed(collection)
	}
	return &accordv1.DeleteDocumentsResponse{DocumentCount: n}, err
}
