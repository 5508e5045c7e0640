package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// DocumentVectors returns what a space has of the windows of a document, in order: vectors,
// or the failures of windows without one. It returns none if the space lacks windows of the
// current document, or if the document has another etag. It returns document.ErrNotFound if
// there is no such space.
func (s *Store) DocumentVectors(ctx context.Context, collection, spaceID, id, etag string) (list []document.PassageVector, err error) {
	sp, err := s.Space(ctx, collection, spaceID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(ctx context.Context) error {
		list, err = documentVectors(ctx, s.db(ctx), sp, id, etag)
		if isGone(err) { // the space was deleted
			return &document.ResourceError{Name: sp.Name(), Err: document.ErrNotFound}
		}
		return err
	})
	return list, err
}

// documentVectors uses one statement, so that all rows belong to one version of the
// document.
func documentVectors(ctx context.Context, db querier, sp space.Space, id, etag string) ([]document.PassageVector, error) {
	rows, err := db.Query(ctx, `
		WITH complete AS (SELECT FROM documents d JOIN spaces s ON s.collection_id = d.collection_id AND s.space_id = $2
			WHERE d.collection_id = $1 AND d.document_id = $3 AND d.etag = $4 AND `+liveDocument("$1")+` AND NOT `+lacksDocument+`)
		SELECT ordinal, window_number, embedding::real[], '' AS reason, '' AS message FROM `+quoteTable(sp.VectorTable)+`
			WHERE document_id = $3 AND EXISTS (SELECT FROM complete)
		UNION ALL
		SELECT ordinal, window_number, NULL, reason, message FROM failed_windows
			WHERE collection_id = $1 AND space_id = $2 AND document_id = $3 AND EXISTS (SELECT FROM complete)
		ORDER BY ordinal, window_number`, sp.Collection, sp.ID, id, etag)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (v document.PassageVector, err error) {
		var (
			number  int
			failure document.Failure
		)
		err = row.Scan(&v.Ordinal, &number, &v.Vector, &failure.Reason, &failure.Message)
		if v.Vector == nil {
			v.Failure = &failure
		}
		return v, err
	})
}
