package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
)

// rereadDocuments and rereadPassages bound the documents whose terms one transaction
// extracts again, and their passages. A single document may have more passages.
const (
	rereadDocuments = 50
	rereadPassages  = 2_000
)

// OutdatedTerms returns the collections whose terms were extracted by an older version of
// package lexical, and those whose passages have no signatures of their terms. Until KeepTerms
// is called for them, queries match fewer of their passages. Until a new generation is built,
// each search reads the terms of all passages that it finds.
func (s *Store) OutdatedTerms(ctx context.Context) (collections []string, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, `SELECT collection_id FROM collections o WHERE terms_version < $1 OR EXISTS (
			SELECT FROM spaces s JOIN calibrations c USING (collection_id, space_id, generation)
			WHERE s.collection_id = o.collection_id AND s.state = 'ACTIVE' AND signature_version < terms_version) ORDER BY collection_id`, lexical.Version)
		if err != nil {
			return err
		}
		collections, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return collections, err
}

// extractOutdatedTerms extracts the terms of a collection again if they are outdated. If it is
// interrupted, the next call starts from the beginning, since extracting terms twice
// changes nothing.
func (s *Store) extractOutdatedTerms(ctx context.Context, sp space.Space) error {
	var outdated bool
	err := s.read(ctx, func(ctx context.Context) error {
		err := s.pool.QueryRow(ctx, "SELECT terms_version < $2 FROM collections WHERE collection_id = $1", sp.Collection, lexical.Version).Scan(&outdated)
		return notFound(err, sp.Collection)
	})
	if err != nil || !outdated {
		return err
	}
	for after, more := "", true; more; {
		err := s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
			ids, err := lockNextDocuments(ctx, tx, sp.Collection, after)
			if err != nil {
				return err
			}
			if more = len(ids) > 0; !more {
				return nil
			}
			after = ids[len(ids)-1]
			return replaceTerms(ctx, tx, sp, ids)
		})
		if err != nil {
			return fmt.Errorf("update terms: %w", err)
		}
	}
	return s.inCollection(ctx, sp.Collection, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE collections SET terms_version = $2 WHERE collection_id = $1", sp.Collection, lexical.Version)
		return err
	})
}

// lockNextDocuments locks the next documents until the transaction ends, against writers
// and against other servers that extract terms.
func lockNextDocuments(ctx context.Context, tx pgx.Tx, collection, after string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT document_id FROM documents WHERE collection_id = $1 AND document_id IN (
			SELECT document_id FROM (SELECT document_id, sum(passage_count) OVER (ORDER BY document_id) - passage_count AS before FROM (
				SELECT document_id, passage_count FROM documents d WHERE collection_id = $1 AND document_id > $2 AND `+liveDocument("$1")+`
				ORDER BY document_id LIMIT $3) next) counted
			WHERE before < $4)
		ORDER BY document_id FOR NO KEY UPDATE`, collection, after, rereadDocuments, rereadPassages)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// replaceTerms replaces the terms of documents' passages by newly extracted ones. It locks
// the reference lengths of all documents' languages at once, because they must be locked in
// the order of the languages.
func replaceTerms(ctx context.Context, tx pgx.Tx, sp space.Space, ids []string) error {
	byDocument := make(map[string][]passageTerms, len(ids))
	var all []passageTerms
	for _, id := range ids {
		passages, err := passagesOf(ctx, tx, sp.Collection, id)
		if err != nil {
			return err
		}
		if byDocument[id], err = readTerms(ctx, passages[id]); err != nil {
			return err
		}
		all = append(all, byDocument[id]...)
	}
	batch := &pgx.Batch{}
	averages := queueAverageLengths(batch, sp.Collection, all)
	queueTermCounts(batch, sp.Terms.Table, ids, -1)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	batch = &pgx.Batch{}
	for _, id := range ids {
		for _, r := range byDocument[id] {
			terms, weights := r.weigh(averages[r.language])
			batch.Queue("UPDATE "+quoteTable(sp.Terms.Table)+" SET terms = $3, weights = $4, length = $5, number = DEFAULT WHERE document_id = $1 AND ordinal = $2",
				id, r.passage.Ordinal, terms, weights, len(r.terms))
		}
	}
	queueTermCounts(batch, sp.Terms.Table, ids, +1)
	return tx.SendBatch(ctx, batch).Close()
}
