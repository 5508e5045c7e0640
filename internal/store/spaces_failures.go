package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// maxFailures bounds the failures that are returned with a document.
const maxFailures = 100

// SpaceFailures returns up to limit windows that a space permanently failed to embed,
// ordered by document and place.
func (s *Store) SpaceFailures(ctx context.Context, sp space.Space, limit int) (list []document.WindowFailure, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		list, err = failures(ctx, s.db(ctx), sp, nil, limit)
		return err
	})
	return list, err
}

// activeFailures returns the failures of a document in the active space.
func activeFailures(ctx context.Context, db querier, collection, id string) ([]document.WindowFailure, error) {
	sp, err := activeSpace(ctx, db, collection)
	if err != nil {
		return nil, err
	}
	return failures(ctx, db, sp, []string{id}, maxFailures)
}

// failures returns the failures of the given documents, or of all documents if ids is
// nil.
func failures(ctx context.Context, db querier, sp space.Space, ids []string, limit int) (list []document.WindowFailure, err error) {
	rows, err := db.Query(ctx, `SELECT document_id, ordinal, start_point, end_point, start_byte, end_byte, reason, message
		FROM failed_windows f WHERE collection_id = $1 AND space_id = $2 AND ($3::text[] IS NULL OR document_id = ANY($3)) AND `+liveFailure+`
		ORDER BY document_id, ordinal, window_number LIMIT $4`, sp.Collection, sp.ID, ids, limit)
	if err != nil {
		return nil, err
	}
	var f document.WindowFailure
	r := &f.Range
	_, err = pgx.ForEachRow(rows, []any{&f.Document, &f.Ordinal, &r.Start, &r.End, &r.StartByte, &r.EndByte, &f.Reason, &f.Message}, func() error {
		list = append(list, f)
		return nil
	})
	return list, err
}

// failuresOf returns the failures among windows, in the order in which failures returns
// them.
func failuresOf(rows []document.PlacedWindow) (list []document.WindowFailure) {
	for _, w := range rows {
		if w.Failure != nil && len(list) < maxFailures {
			list = append(list, document.WindowFailure{Document: w.Document, Ordinal: w.Passage.Ordinal, Range: w.Range, Failure: *w.Failure})
		}
	}
	return list
}

// liveFailure is a condition on failed windows f: the window belongs to the current space
// with its id.
const liveFailure = `EXISTS (SELECT FROM indexed_documents i JOIN spaces s USING (collection_id, space_id, incarnation)
	WHERE (i.collection_id, i.document_id, i.space_id) = (f.collection_id, f.document_id, f.space_id))`
