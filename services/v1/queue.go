package v1

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// failedDocuments is the maximum number of failed documents in a response.
const failedDocuments = 20

// GetIngestStatus implements accord.v1.IngestService.
func (s *ingestServer) GetIngestStatus(ctx context.Context, req *accordv1.GetIngestStatusRequest) (*accordv1.GetIngestStatusResponse, error) {
	collection := collectionID(req.GetCollection())
	st, err := s.cfg.Store.QueueStatus(ctx, collection, failedDocuments)
	if err != nil && !notCreatedYet(err, collection) {
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
	collection := collectionID(req.GetCollection())
	n, err := s.cfg.Store.RetryFailed(ctx, collection)
	if n > 0 {
		s.cfg.Logger.InfoContext(ctx, "failed documents will be retried", "collection", collection, "documents", n)
		s.cfg.Queue.Wake()
	}
	if err != nil && !notCreatedYet(err, collection) {
		return nil, err
	}
	return &accordv1.RetryFailedDocumentsResponse{DocumentCount: n}, nil
}

// notCreatedYet reports whether an error means that the default collection does not
// exist yet. It is created by the first write or search.
func notCreatedYet(err error, collection string) bool {
	return errors.Is(err, document.ErrNotFound) && collection == document.DefaultCollection
}
