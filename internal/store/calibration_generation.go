package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lease"
	"github.com/accord-search/accord/internal/space"
)

const (
	// heartbeatPause is the time between heartbeats of a builder. A builder without a
	// heartbeat for heartbeatLimit counts as dead, and another one starts from the
	// beginning.
	heartbeatPause = 10 * time.Second
	heartbeatLimit = time.Minute
	// retiredLimit is how long a replaced generation is kept, because searches that began
	// with it may still use it.
	retiredLimit = time.Minute
	// copyWindows bounds the vectors that a builder copies in one transaction, unless a
	// single document has more. Writers of the copied documents wait for the transaction.
	copyWindows = 5_000
	// sampleSize is the maximum number of passages in the sample of a language
	// (docs/decisions, RANK-2).
	sampleSize = 300
)

// Recalibrate builds the next generation of a space beside the current one and swaps it in.
// It needs no model server, and searches and writes continue meanwhile. built is false if
// another builder is at work. Only ctx limits its time.
func (s *Store) Recalibrate(ctx context.Context, sp space.Space) (built bool, err error) {
	if busy, err := s.isBuilding(ctx, sp); err != nil || busy {
		return false, err // computing the calibration would be for nothing
	}
	learned, err := s.computeCalibration(ctx, sp)
	if err != nil {
		return false, s.classify(ctx, err)
	}
	g, err := s.beginGeneration(ctx, sp, learned)
	if err != nil || g.number == 0 {
		return false, err
	}
	alive, end := lease.Keep(ctx, heartbeatPause, func(ctx context.Context) (bool, error) { return s.keepGeneration(ctx, g) })
	defer end()
	if err := s.fillGeneration(alive, sp, g); err != nil {
		if errors.Is(context.Cause(alive), lease.ErrLost) { // another builder has taken over
			return false, nil
		}
		return false, s.classify(ctx, err)
	}
	return s.swapGeneration(ctx, sp, g)
}

// isBuilding reports whether a builder of a space's next generation is alive.
func (s *Store) isBuilding(ctx context.Context, sp space.Space) (busy bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM calibrations c JOIN spaces s USING (collection_id, space_id)
			WHERE collection_id = $1 AND space_id = $2 AND c.generation > s.generation AND c.heartbeat >= now() - $3::interval)`,
			sp.Collection, sp.ID, heartbeatLimit).Scan(&busy)
	})
	return busy, err
}

// keepGeneration sends the heartbeat of a generation that is being built. held is false
// if the generation is gone.
func (s *Store) keepGeneration(ctx context.Context, g generation) (held bool, err error) {
	tag, err := s.pool.Exec(ctx, "UPDATE calibrations SET heartbeat = now() WHERE centred_table = $1", g.table)
	return tag.RowsAffected() > 0, err
}

// computeCalibration computes the means and samples of a new generation.
func (s *Store) computeCalibration(ctx context.Context, sp space.Space) (map[string]calibrate.Language, error) {
	own, err := s.corpusMeans(ctx, sp)
	if err != nil {
		return nil, err
	}
	samples, err := s.corpusSamples(ctx, sp, slices.Sorted(maps.Keys(own)))
	if err != nil {
		return nil, err
	}
	references, err := referenceVectors(ctx, s.pool, sp, "")
	if err != nil {
		return nil, err
	}
	reference, err := referenceQueries(ctx, s.pool, sp)
	if err != nil {
		return nil, err
	}
	learned := calibrate.Learn(own, samples, references)
	corpus := make(map[string][]calibrate.Passage, len(samples))
	for language := range samples {
		corpus[language] = learned[language].Sample[:len(samples[language])] // the rest of Sample are reference texts
	}
	calibrate.AddQueryStatistics(learned, reference, corpus)
	return learned, nil
}

// corpusMeans returns the languages of the corpus, each with its mean and without a
// sample.
func (s *Store) corpusMeans(ctx context.Context, sp space.Space) (map[string]calibrate.Language, error) {
	rows, err := s.pool.Query(ctx, `SELECT language, count(*) FILTER (WHERE window_number = 0), avg(embedding)::vector FROM `+quoteTable(sp.VectorTable)+
		" WHERE role = $1 AND kind = ANY($2) GROUP BY language", int16(document.RolePassage), kindNumbers(rankedKinds))
	if err != nil {
		return nil, err
	}
	return collectMeans(rows)
}

// corpusSamples returns up to sampleSize passages of each language. It picks those whose
// names have the lowest hashes, so it returns the same passages as long as they exist. Each
// language has its own subquery, which reads only the first rows.
func (s *Store) corpusSamples(ctx context.Context, sp space.Space, languages []string) (map[string][]calibrate.Passage, error) {
	if len(languages) == 0 {
		return nil, nil
	}
	table := quoteTable(sp.VectorTable)
	var q query
	kinds := q.arg(kindNumbers(rankedKinds))
	lists := make([]string, len(languages))
	for i, language := range languages {
		lists[i] = fmt.Sprintf(`(SELECT document_id, ordinal, language, hashtextextended(document_id || '/' || ordinal, 0) AS place
			FROM %s WHERE window_number = 0 AND kind = ANY(%s) AND language = %s ORDER BY place, document_id, ordinal LIMIT %d)`,
			table, kinds, q.arg(language), sampleSize)
	}
	q.text = "WITH chosen AS (" + strings.Join(lists, " UNION ALL ") + `)
		SELECT v.language, dense_rank() OVER (ORDER BY place, document_id, ordinal)::integer, role, embedding::vector
		FROM chosen JOIN ` + table + ` v USING (document_id, ordinal, language)
		ORDER BY v.language, place, document_id, ordinal, window_number`
	rows, err := s.pool.Query(ctx, q.text, q.args...)
	if err != nil {
		return nil, err
	}
	return collectPassages(rows)
}

// beginGeneration records the next generation. From then on writers also store vectors for
// it. It returns the zero generation if another builder is at work.
func (s *Store) beginGeneration(ctx context.Context, sp space.Space, learned map[string]calibrate.Language) (g generation, err error) {
	err = s.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		var active int
		err := tx.QueryRow(ctx, "SELECT generation FROM spaces WHERE collection_id = $1 AND space_id = $2 FOR UPDATE", sp.Collection, sp.ID).Scan(&active)
		if err != nil {
			return notFound(err, document.CollectionName(sp.Collection))
		}
		if err := dropDeadBuild(ctx, tx, sp); err != nil {
			return err
		}
		var busy bool
		err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM calibrations WHERE collection_id = $1 AND space_id = $2 AND generation > $3)",
			sp.Collection, sp.ID, active).Scan(&busy)
		if err != nil || busy {
			return err
		}
		begun := generation{number: active + 1}
		if begun.table, err = createGeneration(ctx, tx, sp, begun.number); err != nil {
			return err
		}
		for language, l := range learned {
			if err := writeLanguage(ctx, tx, sp, begun.number, language, l); err != nil {
				return err
			}
		}
		if err := writeQueries(ctx, tx, sp, begun.number, learned); err != nil {
			return err
		}
		g = begun
		return nil
	})
	return g, err
}

// dropDeadBuild deletes the unfinished generation of a dead builder.
func dropDeadBuild(ctx context.Context, tx pgx.Tx, sp space.Space) error {
	_, err := tx.Exec(ctx, "DELETE FROM calibrations c USING spaces s WHERE c.collection_id = $2 AND c.space_id = $3 AND "+deadBuild,
		heartbeatLimit, sp.Collection, sp.ID)
	return err
}

// fillGeneration copies the documents that were written before the generation began,
// and builds its indexes.
func (s *Store) fillGeneration(ctx context.Context, sp space.Space, g generation) error {
	for after := ""; ; {
		ids, err := s.copyBatch(ctx, sp, g, after)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
	}
	if _, err := s.pool.Exec(ctx, "ANALYZE "+quoteTable(g.table)); err != nil {
		return err
	}
	if sp.Dimensions > maxHalfvecIndexed {
		return nil
	}
	return s.indexes.updateTableNow(ctx, centredTable{space: sp.Name(), name: g.table, dimensions: sp.Dimensions})
}

// copyBatch centres the next documents after an id and returns their ids. It locks their
// rows, so that no writer changes a document while it is copied.
func (s *Store) copyBatch(ctx context.Context, sp space.Space, g generation, after string) (ids []string, err error) {
	err = s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT document_id FROM (
				SELECT document_id, sum(window_count) OVER (ORDER BY document_id) - window_count AS before FROM (
					SELECT document_id, window_count FROM indexed_documents
					WHERE collection_id = $1 AND space_id = $2 AND document_id > $3
						AND incarnation = (SELECT incarnation FROM spaces WHERE collection_id = $1 AND space_id = $2) ORDER BY document_id LIMIT 500) next) counted
			WHERE before < $4 ORDER BY document_id`, sp.Collection, sp.ID, after, copyWindows)
		if err != nil {
			return err
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(ids) == 0 {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("SELECT FROM documents WHERE collection_id = $1 AND document_id = ANY($2) ORDER BY document_id FOR SHARE", sp.Collection, ids)
		queueCentre(batch, sp, g, ids)
		return tx.SendBatch(ctx, batch).Close()
	})
	return ids, err
}

// swapGeneration makes searches use a generation. The previous one is removed once no
// search can be using it. done is false if the generation or its space is gone.
func (s *Store) swapGeneration(ctx context.Context, sp space.Space, g generation) (done bool, err error) {
	err = s.withoutWriters(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE spaces s SET generation = $3 WHERE collection_id = $1 AND space_id = $2 AND EXISTS (
			SELECT FROM calibrations c WHERE (c.collection_id, c.space_id, c.generation, c.centred_table) = ($1, $2, $3, $4))`,
			sp.Collection, sp.ID, g.number, g.table)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE calibrations SET retire_time = now()
			WHERE collection_id = $1 AND space_id = $2 AND generation < $3 AND retire_time IS NULL`, sp.Collection, sp.ID, g.number)
		done = err == nil
		return err
	})
	return done && err == nil, err
}
