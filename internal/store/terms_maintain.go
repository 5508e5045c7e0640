package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

const (
	// foldedChanges bounds the changes that one transaction folds into the counts. Folding
	// the terms of several thousand documents at once would take seconds.
	foldedChanges = 500
	// foldCounts is the number of changed counts after which changes are folded, for
	// example during an import. Every search reads the changes that are not folded yet. A
	// hundred documents of thirty passages make about that many.
	foldCounts = 30_000
	// lengthStep is the ratio between neighbouring reference lengths. A language gets the one
	// that is nearest to the mean length of its passages, so that the order in which documents
	// were written does not change scores.
	lengthStep = 1.1
	// largeLanguage is the number of passages from which a language keeps its reference
	// length until the mean has drifted from it by averageDrift, as a share of the mean. All
	// passages get new weights for a new reference length, 360 passages in a second. Near the
	// middle between two lengths, a few writes would change it back and forth. A drift of a
	// tenth or a quarter changes nDCG@10 of BM25 alone on xquad-r/dev by at most .002.
	largeLanguage = 5_000
	averageDrift  = 0.1
	// reweighDocuments bounds the documents that one transaction gives new weights.
	reweighDocuments = 100
)

// KeepTerms maintains the terms of a collection. It extracts terms again if an older
// version of package lexical extracted them. It folds changes into the counts, which makes
// counting faster and changes no result. It updates the weights of a language whose mean
// length has drifted. It packs postings. Only ctx limits its time; the next call continues
// an interrupted one.
func (s *Store) KeepTerms(ctx context.Context, sp space.Space) error {
	if err := s.addPostings(ctx, sp); err != nil {
		return err
	}
	if err := s.extractOutdatedTerms(ctx, sp); err != nil {
		return err
	}
	for {
		folded, err := s.foldChanges(ctx, sp)
		if err != nil {
			return err
		}
		if folded < foldedChanges {
			break
		}
	}
	languages, err := s.updateDriftedLengths(ctx, sp)
	if err != nil {
		return err
	}
	for _, language := range languages {
		if err := s.reweigh(ctx, sp, language); err != nil {
			return fmt.Errorf("update weights of terms in %s: %w", language, err)
		}
	}
	if err := s.flushPendingTerms(ctx, sp); err != nil {
		return err
	}
	return s.packPostings(ctx, sp)
}

// flushPendingTerms moves the entries of the pending list into the index of terms. An
// index of an older version, without a pending list, gets the current options.
func (s *Store) flushPendingTerms(ctx context.Context, sp space.Space) error {
	return s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		var (
			index string
			old   bool
		)
		err := tx.QueryRow(ctx, `SELECT i.indexrelid::regclass::text, coalesce('fastupdate=off' = ANY(c.reloptions), false)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
			WHERE i.indrelid = to_regclass($1) AND a.amname = 'gin'`, quoteTable(sp.Terms.Table)).Scan(&index, &old)
		if err != nil {
			return notFound(err, document.CollectionName(sp.Collection))
		}
		if old {
			if _, err := tx.Exec(ctx, termIndexDDL(index)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "SELECT gin_clean_pending_list($1::regclass)", index)
		return err
	})
}

// foldIfMany folds the changes of a collection if enough counts have changed. counts is the
// number that a write has just changed. The write has succeeded already, so an error is
// only logged.
func (s *Store) foldIfMany(ctx context.Context, sp space.Space, counts int) {
	changed, ok := s.counted.Get(sp.Collection)
	if !ok {
		changed = new(atomic.Int64)
		if other, before, _ := s.counted.PeekOrAdd(sp.Collection, changed); before {
			changed = other
		}
	}
	if sum := changed.Add(int64(counts)); sum/foldCounts == (sum-int64(counts))/foldCounts {
		return
	}
	if _, err := s.foldChanges(ctx, sp); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "term counts not folded; will retry", "collection", sp.Collection, "error", err)
	}
}

// foldChanges adds the oldest changes to the counts and deletes them, in one statement, so
// that every reader sees each change exactly once.
func (s *Store) foldChanges(ctx context.Context, sp space.Space) (folded int64, err error) {
	counts, changes := countsTable(sp.Terms.Table), changesTable(sp.Terms.Table)
	err = s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, fmt.Sprintf(`WITH folded AS (
				DELETE FROM %[2]s WHERE change IN (SELECT change FROM %[2]s ORDER BY change LIMIT $1 FOR UPDATE SKIP LOCKED)
				RETURNING language, terms, passages),
			summed AS (
				SELECT language, term, sum(n)::bigint AS n FROM folded, unnest(terms, passages) change(term, n) GROUP BY language, term),
			added AS (
				INSERT INTO %[1]s AS counts (language, term, passages)
				SELECT language, term, n FROM summed WHERE n <> 0 ORDER BY language, term -- in one order, so that two folds cannot deadlock
				ON CONFLICT (language, term) DO UPDATE SET passages = counts.passages + excluded.passages)
			SELECT count(*) FROM folded`, counts, changes), foldedChanges).Scan(&folded)
	})
	return folded, err
}

// updateDriftedLengths sets a new reference length for languages that need another one since
// their mean length has changed, and returns the languages whose passages need new weights.
func (s *Store) updateDriftedLengths(ctx context.Context, sp space.Space) (languages []string, err error) {
	err = s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		asked := make(map[string][]int32, len(sp.Terms.Languages))
		for _, language := range sp.Terms.Languages {
			asked[language] = []int32{countLengths}
		}
		q, counts, read := termCounts(sp, asked)
		rows, err := tx.Query(ctx, q.text, q.args...)
		if err != nil {
			return err
		}
		if err := read(rows); err != nil {
			return err
		}
		for _, language := range slices.Sorted(maps.Keys(counts)) { // in one order, so that it cannot deadlock with a writer
			c := counts[language]
			if c.Passages == 0 {
				continue
			}
			mean := max(1, float64(c.Holding[countLengths])/float64(c.Passages))
			length := referenceLength(mean)
			from, most := length, 1e-6 // more than the rounding of another processor
			if c.Passages >= largeLanguage {
				from, most = mean, averageDrift
			}
			if _, err := tx.Exec(ctx, `UPDATE term_languages SET average_length = $3, reweighing = true
				WHERE collection_id = $1 AND language = $2 AND abs(average_length / $4 - 1) > $5`,
				sp.Collection, language, length, from, most); err != nil {
				return err
			}
		}
		rows, err = tx.Query(ctx, "SELECT language FROM term_languages WHERE collection_id = $1 AND reweighing ORDER BY language", sp.Collection)
		if err != nil {
			return err
		}
		languages, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return languages, err
}

// reweigh computes new weights for a language's passages with the current reference length.
// If that changes meanwhile, reweigh stops, and the language still needs new weights.
func (s *Store) reweigh(ctx context.Context, sp space.Space, language string) error {
	var average float64
	for after := ""; ; {
		var ids []string
		changed := false
		err := s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
			rows, err := tx.Query(ctx, "SELECT DISTINCT document_id FROM "+quoteTable(sp.Terms.Table)+
				" WHERE language = $1 AND document_id > $2 ORDER BY document_id LIMIT $3", language, after, reweighDocuments)
			if err != nil {
				return err
			}
			if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return err
			}
			current, err := lockWeights(ctx, tx, sp.Collection, language, ids)
			if changed = after != "" && current != average; changed || err != nil {
				return err
			}
			average = current
			return reweighBatch(ctx, tx, sp, language, average, ids)
		})
		if err != nil || changed {
			return err
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
	}
	return s.read(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, `UPDATE term_languages SET reweighing = false
			WHERE collection_id = $1 AND language = $2 AND average_length = $3`, sp.Collection, language, average)
		return err
	})
}

// lockWeights locks documents and the reference length of a language until the transaction
// ends, and returns that length.
func lockWeights(ctx context.Context, tx pgx.Tx, collection, language string, ids []string) (average float64, err error) {
	_, err = tx.Exec(ctx, "SELECT FROM documents WHERE collection_id = $1 AND document_id = ANY($2) ORDER BY document_id FOR SHARE", collection, ids)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT average_length FROM term_languages WHERE collection_id = $1 AND language = $2 FOR SHARE", collection, language).Scan(&average)
	return average, err
}

// reweighBatch recomputes the weights of the passages of documents.
func reweighBatch(ctx context.Context, tx pgx.Tx, sp space.Space, language string, average float64, ids []string) error {
	batch := &pgx.Batch{}
	for _, id := range ids {
		passages, err := passagesOf(ctx, tx, sp.Collection, id)
		if err != nil {
			return err
		}
		read, err := readTerms(ctx, passages[id])
		if err != nil {
			return err
		}
		for _, r := range read {
			if r.language != language {
				continue
			}
			terms, weights := r.weigh(average)
			batch.Queue("UPDATE "+quoteTable(sp.Terms.Table)+" SET terms = $3, weights = $4, number = DEFAULT WHERE document_id = $1 AND ordinal = $2",
				id, r.passage.Ordinal, terms, weights)
		}
	}
	return tx.SendBatch(ctx, batch).Close()
}
