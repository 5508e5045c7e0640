package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/space"
)

// PassageCounts returns how many ranked passages a space has in each language.
func (s *Store) PassageCounts(ctx context.Context, sp space.Space) (counts map[string]int, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT language, count(*) FROM "+quoteTable(sp.VectorTable)+
			" WHERE window_number = 0 AND kind = ANY($1) GROUP BY language", kindNumbers(rankedKinds))
		if err != nil {
			return err
		}
		counts, err = collectCounts(rows)
		return err
	})
	return counts, err
}

// CalibratedCounts returns how many ranked passages each language had when the current
// generation was made.
func (s *Store) CalibratedCounts(ctx context.Context, sp space.Space) (counts map[string]int, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, `SELECT language, passages FROM calibration_languages
			WHERE collection_id = $1 AND space_id = $2 AND generation = $3`, sp.Collection, sp.ID, sp.Calibration.Generation)
		if err != nil {
			return err
		}
		counts, err = collectCounts(rows)
		return err
	})
	return counts, err
}

// WrittenCounts returns how many ranked passages of each language were written after the
// current generation was begun and are still there. All passages of a document count if its
// text changed, and none if only other fields did. Only ctx limits its time, which grows with
// the number of these documents.
func (s *Store) WrittenCounts(ctx context.Context, sp space.Space) (map[string]int, error) {
	// OFFSET 0 makes Postgres look up each document, since it overestimates their number and
	// would read the whole table of vectors.
	rows, err := s.pool.Query(ctx, `SELECT language, count(*) FROM indexed_documents i
		CROSS JOIN LATERAL (SELECT v.language FROM `+quoteTable(sp.VectorTable)+` v
			WHERE v.document_id = i.document_id AND v.window_number = 0 AND v.kind = ANY($4) OFFSET 0) written
		WHERE i.collection_id = $1 AND i.space_id = $2 AND i.index_time > (
			SELECT create_time FROM calibrations WHERE (collection_id, space_id, generation) = ($1, $2, $3))
		GROUP BY language`, sp.Collection, sp.ID, sp.Calibration.Generation, kindNumbers(rankedKinds))
	if err != nil {
		return nil, s.classify(ctx, err)
	}
	counts, err := collectCounts(rows)
	return counts, s.classify(ctx, err)
}

func collectCounts(rows pgx.Rows) (map[string]int, error) {
	counts := map[string]int{}
	var (
		language string
		n        int
	)
	_, err := pgx.ForEachRow(rows, []any{&language, &n}, func() error {
		counts[language] = n
		return nil
	})
	return counts, err
}
