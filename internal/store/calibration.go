package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Calibration returns the calibration of the generation that sp names, with its samples.
func (s *Store) Calibration(ctx context.Context, sp space.Space) (c calibrate.Calibration, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		c, err = calibration(ctx, s.db(ctx), sp, sp.Calibration.Generation)
		return err
	})
	return c, err
}

// batcher is a pool or a transaction.
type batcher interface {
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

func calibration(ctx context.Context, db batcher, sp space.Space, generation int) (c calibrate.Calibration, err error) {
	c.Generation = generation
	var batch pgx.Batch
	batch.Queue(`SELECT language, passages, mean, short_query_mean, question_mean, null_mean, null_deviation FROM calibration_languages
		WHERE collection_id = $1 AND space_id = $2 AND generation = $3`, sp.Collection, sp.ID, generation).
		Query(func(rows pgx.Rows) (err error) {
			c.Languages, err = collectLanguages(rows)
			return err
		})
	var samples map[string][]calibrate.Passage
	batch.Queue(`SELECT language, passage, role, centred FROM calibration_samples
		WHERE collection_id = $1 AND space_id = $2 AND generation = $3
		ORDER BY language, passage, window_number`, sp.Collection, sp.ID, generation).
		Query(func(rows pgx.Rows) (err error) {
			samples, err = collectPassages(rows)
			return err
		})
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return c, err
	}
	for language, sample := range samples {
		if l, ok := c.Languages[language]; ok { // otherwise the language was added between the two statements
			l.Sample = sample
			c.Languages[language] = l
		}
	}
	return c, nil
}

// collectLanguages reads rows that each hold the calibration of one language.
func collectLanguages(rows pgx.Rows) (map[string]calibrate.Language, error) {
	out := map[string]calibrate.Language{}
	var (
		language             string
		passages             int
		mean                 pgvector.Vector
		short, question      *pgvector.Vector
		nullMean, nullSpread *float64
	)
	_, err := pgx.ForEachRow(rows, []any{&language, &passages, &mean, &short, &question, &nullMean, &nullSpread}, func() error {
		l := calibrate.Language{Mean: mean.Slice(), Passages: passages}
		if short != nil && question != nil && nullMean != nil && nullSpread != nil {
			l.Queries = calibrate.Queries{
				Short: short.Slice(), Question: question.Slice(),
				Null: calibrate.Normal{Mean: *nullMean, Deviation: *nullSpread},
			}
		}
		out[language] = l
		return nil
	})
	return out, err
}

// collectMeans reads rows of language, number of passages and mean.
func collectMeans(rows pgx.Rows) (map[string]calibrate.Language, error) {
	out := map[string]calibrate.Language{}
	var (
		language string
		l        calibrate.Language
		mean     pgvector.Vector
	)
	_, err := pgx.ForEachRow(rows, []any{&language, &l.Passages, &mean}, func() error {
		l.Mean = mean.Slice()
		out[language] = l
		return nil
	})
	return out, err
}

// collectPassages reads rows of language, passage, role and vector, sorted by the first
// two, into passages by language.
func collectPassages(rows pgx.Rows) (map[string][]calibrate.Passage, error) {
	out := map[string][]calibrate.Passage{}
	var (
		language, lastLanguage string
		passage, lastPassage   int
		role                   document.Role
		vector                 pgvector.Vector
	)
	_, err := pgx.ForEachRow(rows, []any{&language, &passage, &role, &vector}, func() error {
		list := out[language]
		if len(list) == 0 || language != lastLanguage || passage != lastPassage {
			list = append(list, calibrate.Passage{})
		}
		last := &list[len(list)-1]
		if role == document.RoleSentences {
			last.Sentences = append(last.Sentences, vector.Slice())
		} else {
			last.Whole = append(last.Whole, vector.Slice())
		}
		out[language], lastLanguage, lastPassage = list, language, passage
		return nil
	})
	return out, err
}

// referenceVectors returns the vectors of the reference texts of a space's model, by
// language. If language is not empty, it returns only those of that language.
func referenceVectors(ctx context.Context, db querier, sp space.Space, language string) (map[string][]calibrate.Passage, error) {
	rows, err := db.Query(ctx, `SELECT language, passage, role, embedding FROM background_vectors
		WHERE space_id = $1 AND ($2 = '' OR language = $2) ORDER BY language, passage, window_number`, sp.ID, language)
	if err != nil {
		return nil, err
	}
	return collectPassages(rows)
}

// ReferenceTextsHeld returns the windows of a language's reference texts that have stored
// vectors. A key consists of the number of the text and the number of the window.
func (s *Store) ReferenceTextsHeld(ctx context.Context, sp space.Space, language string) (stored map[[2]int]bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, "SELECT passage, window_number FROM background_vectors WHERE space_id = $1 AND language = $2", sp.ID, language)
		if err != nil {
			return err
		}
		stored, err = collectKeys(rows)
		return err
	})
	return stored, err
}

// AddReferenceTexts stores vectors of windows of a language's reference texts, as the model
// made them, for all spaces with the same id. It does not change windows that are stored
// already.
func (s *Store) AddReferenceTexts(ctx context.Context, sp space.Space, language string, windows []document.PlacedWindow) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, w := range windows {
			batch.Queue(`INSERT INTO background_vectors (space_id, language, passage, window_number, role, embedding)
				VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
				sp.ID, language, w.Passage.Ordinal, w.Number, int16(w.Role), pgvector.NewVector(w.Vector))
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

// LearnLanguage adds a language to the current generation, and to one that is being built.
// It uses the language's reference texts, which must have the given number of windows. kept
// is false if some of these windows are not stored. If the space already has vectors of the
// language, LearnLanguage leaves the language to the next generation, because those vectors
// were centred without the reference texts.
func (s *Store) LearnLanguage(ctx context.Context, sp space.Space, language string, windows int) (kept bool, err error) {
	var texts []calibrate.Passage
	err = s.read(ctx, func(ctx context.Context) error {
		known, err := referenceVectors(ctx, s.pool, sp, language)
		texts = known[language]
		return err
	})
	if err != nil || vectorCount(texts) < windows {
		return false, err
	}
	// Writers are excluded, since they may be adding the language.
	err = s.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		var active int
		err = tx.QueryRow(ctx, "SELECT generation FROM spaces WHERE collection_id = $1 AND space_id = $2 FOR UPDATE", sp.Collection, sp.ID).Scan(&active)
		if err != nil {
			return notFound(err, document.CollectionName(sp.Collection))
		}
		rows, err := tx.Query(ctx, `SELECT c.generation FROM calibrations c
			WHERE c.collection_id = $1 AND c.space_id = $2 AND c.generation >= $3 AND NOT EXISTS (
				SELECT FROM calibration_languages l WHERE (l.collection_id, l.space_id, l.generation, l.language) = ($1, $2, c.generation, $4))
			AND NOT EXISTS (SELECT FROM `+quoteTable(sp.VectorTable)+` v WHERE v.window_number = 0 AND v.language = $4)`,
			sp.Collection, sp.ID, active, language)
		if err != nil {
			return err
		}
		generations, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return err
		}
		mean := calibrate.Mean(texts)
		learned := calibrate.Language{Mean: mean, Sample: calibrate.CentrePassages(texts, mean)}
		for _, g := range generations {
			if err := writeLanguage(ctx, tx, sp, g, language, learned); err != nil {
				return err
			}
		}
		return addQueryStatistics(ctx, tx, sp, active)
	})
	return err == nil, err
}

func vectorCount(passages []calibrate.Passage) (n int) {
	for _, p := range passages {
		n += len(p.Whole) + len(p.Sentences)
	}
	return n
}

// writeLanguage adds a language to a generation.
func writeLanguage(ctx context.Context, tx pgx.Tx, sp space.Space, generation int, language string, l calibrate.Language) error {
	_, err := tx.Exec(ctx, `INSERT INTO calibration_languages (collection_id, space_id, generation, language, passages, mean)
		VALUES ($1, $2, $3, $4, $5, $6)`, sp.Collection, sp.ID, generation, language, l.Passages, pgvector.NewVector(l.Mean))
	if err != nil {
		return fmt.Errorf("write calibration of %s: %w", language, err)
	}
	return copySample(ctx, tx, []any{sp.Collection, sp.ID, generation, language}, l.Sample)
}

// copySample writes the sample of a language, one row per vector. key identifies the
// generation and the language.
func copySample(ctx context.Context, tx pgx.Tx, key []any, passages []calibrate.Passage) error {
	var rows [][]any
	for i, p := range passages {
		number := 0
		add := func(role document.Role, vectors [][]float32) {
			for _, v := range vectors {
				rows = append(rows, append(slices.Clone(key), i, number, int16(role), pgvector.NewVector(v)))
				number++
			}
		}
		add(document.RolePassage, p.Whole)
		add(document.RoleSentences, p.Sentences)
	}
	return copyRows(ctx, tx, "calibration_samples", []string{
		"collection_id", "space_id", "generation", "language", "passage", "window_number", "role", "centred",
	}, rows)
}

// collectKeys reads rows of two numbers that identify a window.
func collectKeys(rows pgx.Rows) (map[[2]int]bool, error) {
	keys := map[[2]int]bool{}
	var passage, number int
	_, err := pgx.ForEachRow(rows, []any{&passage, &number}, func() error {
		keys[[2]int{passage, number}] = true
		return nil
	})
	return keys, err
}
