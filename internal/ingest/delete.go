package ingest

import (
	"context"

	"github.com/accord-search/accord/internal/document"
)

// Delete deletes a document. It returns document.ErrNotFound if there is none, and
// document.ErrPrecondition if etag is not empty and the document has another etag.
func (in *Ingester) Delete(ctx context.Context, collection, id, etag string) error {
	if err := in.Store.DeleteDocument(ctx, collection, id, etag); err != nil {
		return err
	}
	in.Calibrator.Changed(collection)
	return nil
}

// DeleteMatching deletes the documents that match a filter. It returns the number of
// deleted documents even if it fails. The default collection counts as empty until it
// exists.
func (in *Ingester) DeleteMatching(ctx context.Context, collection string, f document.Filter) (n int64, err error) {
	n, err = in.Store.DeleteDocuments(ctx, collection, f)
	if n > 0 {
		in.Logger.InfoContext(ctx, "documents deleted", "collection", collection, "documents", n)
		in.Calibrator.Changed(collection)
	}
	if document.MissingDefault(err, collection) {
		err = nil
	}
	return n, err
}

// RetryFailed queues the documents that failed or are only partly indexed, so that they are
// embedded again. It returns how many it queued, even if it fails. The default collection
// counts as empty until it exists.
func (in *Ingester) RetryFailed(ctx context.Context, collection string) (n int64, err error) {
	n, err = in.Store.RetryFailed(ctx, collection)
	if n > 0 {
		in.Logger.InfoContext(ctx, "failed documents will be retried", "collection", collection, "documents", n)
		in.Queue.Wake()
	}
	if document.MissingDefault(err, collection) {
		err = nil
	}
	return n, err
}
