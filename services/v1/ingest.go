package v1

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

var _ accordv1.IngestServiceServer = (*ingestServer)(nil)

type ingestServer struct {
	accordv1.UnimplementedIngestServiceServer
	*Services
}

const (
	// sampledDocuments is how many documents a deletion with validate_only names.
	sampledDocuments = 20
	// failedDocuments is the maximum number of failed documents in a response.
	failedDocuments = 20
)

// UpsertDocument implements accord.v1.IngestService.
func (s *ingestServer) UpsertDocument(ctx context.Context, req *accordv1.UpsertDocumentRequest) (*accordv1.UpsertDocumentResponse, error) {
	d, err := toDocument(req.GetDocument())
	if err != nil {
		return nil, err
	}
	write := s.cfg.Ingester.Upsert
	if deferred(req.WaitForIndex) {
		write = s.cfg.Ingester.Enqueue
	}
	result, err := write(ctx, d, toPrecondition(req.GetPrecondition()))
	if err != nil {
		return nil, err
	}
	stored := result.Document
	stored.Text, stored.Blocks, stored.PageStarts = "", nil, nil
	return &accordv1.UpsertDocumentResponse{
		Document: fromDocument(stored), Outcome: fromOutcome(result.Outcome), PassageCount: int32(result.Passages),
		FailedWindowCount: int32(len(stored.Failures)),
	}, nil
}

// deferred reports whether a write returns before its vectors are made. By default it waits
// for them.
func deferred(waits *bool) bool { return waits != nil && !*waits }

// DeleteDocument implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocument(ctx context.Context, req *accordv1.DeleteDocumentRequest) (*accordv1.DeleteDocumentResponse, error) {
	collection, id := documentIDs(req.GetName())
	if err := s.cfg.Ingester.Delete(ctx, collection, id, req.GetEtag()); err != nil {
		return nil, err
	}
	return &accordv1.DeleteDocumentResponse{}, nil
}

// DeleteDocuments implements accord.v1.IngestService.
func (s *ingestServer) DeleteDocuments(ctx context.Context, req *accordv1.DeleteDocumentsRequest) (*accordv1.DeleteDocumentsResponse, error) {
	collection := document.CollectionID(req.GetParent())
	filter, err := toFilter(req.GetFilter(), collection)
	if err != nil {
		return nil, err
	}
	if !req.GetValidateOnly() {
		n, err := s.cfg.Ingester.DeleteMatching(ctx, collection, filter)
		if err != nil {
			return nil, err
		}
		return &accordv1.DeleteDocumentsResponse{DocumentCount: n}, nil
	}
	n, ids, err := s.cfg.Store.CountDocuments(ctx, collection, filter, sampledDocuments)
	if err != nil && !document.MissingDefault(err, collection) {
		return nil, err
	}
	out := &accordv1.DeleteDocumentsResponse{DocumentCount: n}
	for _, id := range ids {
		out.SampleDocuments = append(out.SampleDocuments, document.Name(collection, id))
	}
	return out, nil
}

// GetIngestStatus implements accord.v1.IngestService.
func (s *ingestServer) GetIngestStatus(ctx context.Context, req *accordv1.GetIngestStatusRequest) (*accordv1.GetIngestStatusResponse, error) {
	collection := document.CollectionID(req.GetParent())
	st, err := s.cfg.Store.QueueStatus(ctx, collection, failedDocuments)
	if err != nil && !document.MissingDefault(err, collection) {
		return nil, err
	}
	out := &accordv1.GetIngestStatusResponse{
		PendingDocumentCount: st.Pending, IndexedDocumentCount: st.Documents - st.Pending - st.Failed,
		PartialDocumentCount: st.Partial, FailedDocumentCount: st.Failed,
	}
	if !st.OldestPending.IsZero() {
		out.OldestPendingTime = timestamppb.New(st.OldestPending)
	}
	for _, f := range st.Failures {
		out.FailedDocuments = append(out.FailedDocuments, &accordv1.FailedDocument{Name: document.Name(collection, f.ID), Error: f.Reason})
	}
	return out, nil
}

// RetryFailedDocuments implements accord.v1.IngestService.
func (s *ingestServer) RetryFailedDocuments(ctx context.Context, req *accordv1.RetryFailedDocumentsRequest) (*accordv1.RetryFailedDocumentsResponse, error) {
	n, err := s.cfg.Ingester.RetryFailed(ctx, document.CollectionID(req.GetParent()))
	if err != nil {
		return nil, err
	}
	return &accordv1.RetryFailedDocumentsResponse{DocumentCount: n}, nil
}
