package v1

import (
	"context"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
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
	result, err := s.writer(req.WaitForIndex)(ctx, d)
	if err != nil {
		return nil, err
	}
	stored := result.Document
	stored.Text, stored.Blocks = "", nil
	return &accordv1.UpsertDocumentResponse{
		Document: fromDocument(stored), Outcome: fromOutcome(result.Outcome), PassageCount: int32(result.Passages),
		FailedWindowCount: int32(len(stored.Failures)),
	}, nil
}

// writer returns the function that writes a document: with its vectors if the caller
// waits for the index, which is the default, otherwise without.
func (s *ingestServer) writer(waits *bool) func(context.Context, document.Document) (ingest.Result, error) {
	if waits != nil && !*waits {
		return s.cfg.Ingester.Enqueue
	}
	return s.cfg.Ingester.Upsert
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

// sampledDocuments is how many of the documents to delete validate_only names.
const sampledDocuments = 20

// DeleteDocuments implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocuments(ctx context.Context, req *accordv1.DeleteDocumentsRequest) (*accordv1.DeleteDocumentsResponse, error) {
	collection := collectionID(req.GetCollection())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	resp, err := s.deleteDocuments(ctx, collection, filter, req.GetValidateOnly())
	if notCreatedYet(err, collection) {
		return &accordv1.DeleteDocumentsResponse{}, nil
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
