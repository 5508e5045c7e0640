package store

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// begunPassages bounds the passages of the documents that are begun in one call, unless a
// single document has more. Embedding their windows takes a few requests.
const begunPassages = 150

// BeginDocuments prepares a space to receive the windows of the first documents of ids,
// which must be sorted. count returns the number of windows for the passages of a document.
// BeginDocuments returns the documents with the windows that the space already has from an
// earlier builder that cut the passages in the same way. It leaves out documents that are
// gone, and documents that are complete in the space. rest are the ids that are still to
// begin.
func (s *Store) BeginDocuments(ctx context.Context, sp space.Space, ids []string, count func([]document.Passage) int) (begun []document.IncompleteDocument, rest []string, err error) {
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocuments(ctx, tx, sp.Collection, ids); err != nil {
			return err
		}
		lacked, err := missingDocuments(ctx, tx, sp, ids)
		if err != nil {
			return err
		}
		begun, rest = lacked.first, lacked.rest
		if err := noteBegun(ctx, tx, sp, ids, begun, rest); err != nil || len(begun) == 0 {
			return err
		}
		byID := make(map[string]*document.IncompleteDocument, len(begun))
		restarted := make(map[string]*document.IncompleteDocument, len(begun))
		for i := range begun {
			byID[begun[i].ID], restarted[begun[i].ID] = &begun[i], &begun[i]
		}
		for _, id := range lacked.resumed {
			delete(restarted, id)
		}
		passages, err := passagesOf(ctx, tx, sp.Collection, sortedKeys(byID)...)
		if err != nil {
			return err
		}
		for id, u := range byID {
			u.Passages = passages[id]
		}
		if err := readHeld(ctx, tx, sp, lacked.resumed, byID); err != nil {
			return err
		}
		return resetDocuments(ctx, tx, sp, restarted, count)
	})
	return begun, rest, err
}

// noteBegun notes that a space lacks the documents in begun. It removes the notes of the
// other ids, except for rest, because these documents are complete or gone. The active space
// has no such notes: documents that it lacks are in the queue.
func noteBegun(ctx context.Context, tx pgx.Tx, sp space.Space, ids []string, begun []document.IncompleteDocument, rest []string) error {
	if sp.State == space.Active {
		return nil
	}
	var lacked []string
	for _, u := range begun {
		lacked = append(lacked, u.ID)
	}
	batch := &pgx.Batch{}
	queueBuilt(batch, sp, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(lacked, id) || slices.Contains(rest, id) }))
	batch.Queue(`INSERT INTO unbuilt_documents (collection_id, document_id, vector_table)
		SELECT $1, id, $3 FROM unnest($2::text[]) id ORDER BY id ON CONFLICT DO NOTHING`, sp.Collection, lacked, sp.VectorTable)
	return tx.SendBatch(ctx, batch).Close()
}

// lackedDocuments are documents that a space lacks.
type lackedDocuments struct {
	first   []document.IncompleteDocument // those that are begun now
	rest    []string                      // ids of the others
	resumed []string                      // ids of those in first that were begun before and may have valid windows
}

// missingDocuments returns those of the documents that the space lacks.
func missingDocuments(ctx context.Context, tx pgx.Tx, sp space.Space, ids []string) (lacked lackedDocuments, err error) {
	rows, err := tx.Query(ctx, `SELECT d.document_id, d.language_code, d.content_hash, d.passage_count,
			coalesce(i.content_hash, ''), coalesce(i.window_tokens, 0), coalesce(i.complete, false)
		FROM documents d LEFT JOIN indexed_documents i ON (i.collection_id, i.document_id, i.space_id) = (d.collection_id, d.document_id, $3)
			AND i.incarnation = (SELECT incarnation FROM spaces WHERE collection_id = $1 AND space_id = $3)
		WHERE d.collection_id = $1 AND d.document_id = ANY($2) AND `+liveDocument("$1")+" ORDER BY d.document_id", sp.Collection, ids, sp.ID)
	if err != nil {
		return lacked, err
	}
	var (
		u                document.IncompleteDocument
		passages, tokens int
		hash             string
		complete         bool
		sum              int
	)
	_, err = pgx.ForEachRow(rows, []any{&u.ID, &u.LanguageCode, &u.ContentHash, &passages, &hash, &tokens, &complete}, func() error {
		sum += passages
		switch {
		case complete && hash == u.ContentHash:
			sum -= passages
		case len(lacked.first) > 0 && sum > begunPassages:
			lacked.rest = append(lacked.rest, u.ID)
		default:
			if lacked.first = append(lacked.first, u); hash == u.ContentHash && tokens == sp.WindowTokens {
				lacked.resumed = append(lacked.resumed, u.ID)
			}
		}
		return nil
	})
	return lacked, err
}

// readHeld adds to each resumed document in list the windows that need not be embedded:
// those that the space has, and those that could not be embedded.
func readHeld(ctx context.Context, tx pgx.Tx, sp space.Space, ids []string, list map[string]*document.IncompleteDocument) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "SELECT document_id, ordinal, window_number FROM "+quoteTable(sp.VectorTable)+` WHERE document_id = ANY($2) UNION ALL
		SELECT document_id, ordinal, window_number FROM failed_windows WHERE (collection_id, space_id) = ($1, $3) AND document_id = ANY($2)`,
		sp.Collection, ids, sp.ID)
	if err != nil {
		return err
	}
	var (
		id              string
		passage, number int
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &passage, &number}, func() error {
		if list[id].Held == nil {
			list[id].Held = map[[2]int]bool{}
		}
		list[id].Held[[2]int{passage, number}] = true
		return nil
	})
	return err
}

// resetDocuments records documents as begun in a space, and deletes what the space has of
// them.
func resetDocuments(ctx context.Context, tx pgx.Tx, sp space.Space, list map[string]*document.IncompleteDocument, count func([]document.Passage) int) error {
	if len(list) == 0 {
		return nil
	}
	ids := sortedKeys(list)
	hashes, counts := make([]string, len(ids)), make([]int32, len(ids))
	for i, id := range ids {
		hashes[i], counts[i] = list[id].ContentHash, int32(count(list[id].Passages))
	}
	batch := &pgx.Batch{}
	batch.Queue("DELETE FROM "+quoteTable(sp.VectorTable)+" WHERE document_id = ANY($1)", ids)
	batch.Queue("DELETE FROM indexed_documents WHERE collection_id = $1 AND document_id = ANY($2) AND space_id = $3", sp.Collection, ids, sp.ID)
	batch.Queue(`INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count, complete, window_tokens, incarnation)
		SELECT $1, new.id, $3, new.hash, new.windows, false, $6, s.incarnation FROM unnest($2::text[], $4::text[], $5::integer[]) AS new(id, hash, windows)
			JOIN spaces s ON s.collection_id = $1 AND s.space_id = $3`, sp.Collection, ids, sp.ID, hashes, counts, sp.WindowTokens)
	return tx.SendBatch(ctx, batch).Close()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
