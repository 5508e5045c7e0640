package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ReferenceQueriesHeld returns which reference queries of a language have stored
// vectors, by form and number.
func (s *Store) ReferenceQueriesHeld(ctx context.Context, sp space.Space, language string) (stored map[[2]int]bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT form::integer, number FROM reference_queries WHERE space_id = $1 AND language = $2", sp.ID, language)
		if err != nil {
			return err
		}
		stored, err = collectKeys(rows)
		return err
	})
	return stored, err
}

// AddReferenceQueries stores vectors of reference queries of a language for all spaces with
// the same id. It does not change queries that are stored already.
func (s *Store) AddReferenceQueries(ctx context.Context, sp space.Space, language string, queries []document.ReferenceQuery) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, q := range queries {
			batch.Queue(`INSERT INTO reference_queries (space_id, language, form, number, embedding)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, sp.ID, language, int16(q.Form), q.Number, pgvector.NewVector(q.Vector))
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

// referenceQueries returns the vectors of the reference queries of a space's model, by
// language.
func referenceQueries(ctx context.Context, db querier, sp space.Space) (map[string]calibrate.ReferenceQueries, error) {
	rows, err := db.Query(ctx, "SELECT language, form, embedding FROM reference_queries WHERE space_id = $1 ORDER BY language, form, number", sp.ID)
	if err != nil {
		return nil, err
	}
	out := map[string]calibrate.ReferenceQueries{}
	var (
		language string
		form     document.QueryForm
		vector   pgvector.Vector
	)
	_, err = pgx.ForEachRow(rows, []any{&language, &form, &vector}, func() error {
		q := out[language]
		if form == document.ShortQuery {
			q.Short = append(q.Short, vector.Slice())
		} else {
			q.Questions = append(q.Questions, vector.Slice())
		}
		out[language] = q
		return nil
	})
	return out, err
}

// addQueryStatistics adds the statistics of reference queries to the generation of a space
// with the given number and to all later ones, for languages that have none yet.
func addQueryStatistics(ctx context.Context, tx pgx.Tx, sp space.Space, from int) error {
	reference, err := referenceQueries(ctx, tx, sp)
	if err != nil || len(reference) == 0 {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT generation FROM calibration_languages
		WHERE collection_id = $1 AND space_id = $2 AND generation >= $3 AND short_query_mean IS NULL`, sp.Collection, sp.ID, from)
	if err != nil {
		return err
	}
	generations, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	for _, g := range generations {
		c, err := calibration(ctx, tx, sp, g)
		if err != nil {
			return err
		}
		corpus := map[string][]calibrate.Passage{}
		for language, l := range c.Languages {
			corpus[language] = l.Sample[:min(l.Passages, len(l.Sample))] // the rest of Sample are reference texts
		}
		maps.DeleteFunc(c.Languages, func(_ string, l calibrate.Language) bool { return l.Queries.Known() })
		calibrate.AddQueryStatistics(c.Languages, reference, corpus)
		if err := writeQueries(ctx, tx, sp, g, c.Languages); err != nil {
			return err
		}
	}
	return nil
}

// writeQueries stores the query statistics of each language in a generation.
func writeQueries(ctx context.Context, tx pgx.Tx, sp space.Space, generation int, languages map[string]calibrate.Language) error {
	batch := &pgx.Batch{}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		q := languages[language].Queries
		if !q.Known() {
			continue
		}
		batch.Queue(`UPDATE calibration_languages SET short_query_mean = $5, question_mean = $6, null_mean = $7, null_deviation = $8
			WHERE (collection_id, space_id, generation, language) = ($1, $2, $3, $4)`, sp.Collection, sp.ID, generation, language,
			pgvector.NewVector(q.Short), pgvector.NewVector(q.Question), q.Null.Mean, q.Null.Deviation)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write statistics of queries: %w", err)
	}
	return nil
}
