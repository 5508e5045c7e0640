package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// DocumentState returns the state of a document in a space; the zero State
// where there is no such document.
func (s *Store) DocumentState(ctx context.Context, sp space.Space, id string) (st document.State, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		err := s.pool.QueryRow(ctx, `SELECT d.etag, coalesce(i.content_hash, ''), d.create_time, d.update_time
			FROM documents d LEFT JOIN indexed_documents i
				ON i.collection_id = d.collection_id AND i.document_id = d.document_id AND i.space_id = $3
			WHERE d.collection_id = $1 AND d.document_id = $2`,
			sp.Collection, id, sp.ID).Scan(&st.ETag, &st.ContentHash, &st.CreateTime, &st.UpdateTime)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return st, err
}

// ReplaceDocument writes a document with its passages and vectors in place of
// what is stored under its name, in one transaction, and returns it as stored.
// document.ErrNotFound where the collection is gone.
func (s *Store) ReplaceDocument(ctx context.Context, sp space.Space, in document.Indexed) (document.Document, error) {
	d := in.Document
	err := s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, d.Collection, d.ID); err != nil {
			return err
		}
		live, err := lockGenerations(ctx, tx, sp)
		if err != nil {
			return err
		}
		if err := writeDocument(ctx, tx, &d, len(in.Passages)); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("DELETE FROM passages WHERE collection_id = $1 AND document_id = $2", d.Collection, d.ID)
		batch.Queue("DELETE FROM "+quoteTable(sp.VectorTable)+" WHERE document_id = $1", d.ID)
		batch.Queue(`INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (collection_id, document_id, space_id)
			DO UPDATE SET content_hash = excluded.content_hash, window_count = excluded.window_count`,
			d.Collection, d.ID, sp.ID, in.ContentHash, windowCount(in.Windows))
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("replace passages: %w", err)
		}
		if err := copyPassages(ctx, tx, d, in.Passages); err != nil {
			return err
		}
		if err := replaceTerms(ctx, tx, sp.Terms.Table, d, in.Passages); err != nil {
			return err
		}
		if err := copyVectors(ctx, tx, sp, in); err != nil {
			return err
		}
		return centreAnew(ctx, tx, sp, live, d.ID)
	})
	if err == nil {
		s.indexes.wake()
		s.foldSometimes(ctx, sp)
	}
	return d, err
}

// UpdateDocument writes what a document says beside its text and structure; no
// vector changes. document.ErrChanged unless the stored text and structure
// still have the given hash.
func (s *Store) UpdateDocument(ctx context.Context, sp space.Space, d document.Document, contentHash string) (document.Document, error) {
	err := s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, d.Collection, d.ID); err != nil {
			return err
		}
		live, err := lockGenerations(ctx, tx, sp)
		if err != nil {
			return err
		}
		var (
			passages int
			searched bool // what changes is what searches filter by, or the language
		)
		err = tx.QueryRow(ctx, `SELECT d.passage_count, (d.language_code, d.publish_time, d.source) IS DISTINCT FROM ($5, $6::timestamptz, $7)
			FROM documents d JOIN indexed_documents i USING (collection_id, document_id)
			WHERE collection_id = $1 AND document_id = $2 AND i.space_id = $3 AND i.content_hash = $4`,
			d.Collection, d.ID, sp.ID, contentHash, d.LanguageCode, publishTime(d), d.Source).Scan(&passages, &searched)
		if errors.Is(err, pgx.ErrNoRows) {
			return &document.ResourceError{Name: document.Name(d.Collection, d.ID), Err: document.ErrChanged}
		}
		if err != nil {
			return err
		}
		if err := writeDocument(ctx, tx, &d, passages); err != nil || !searched {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue("UPDATE passages SET language_code = $3 WHERE collection_id = $1 AND document_id = $2 AND language_code <> $3",
			d.Collection, d.ID, d.LanguageCode)
		batch.Queue("UPDATE "+quoteTable(sp.VectorTable)+` SET language = $2, language_code = $3
			WHERE document_id = $1 AND language_code <> $3`, d.ID, document.PrimarySubtag(d.LanguageCode), d.LanguageCode)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		stored, err := passagesOf(ctx, tx, d.Collection, d.ID)
		if err != nil {
			return err
		}
		// Anew even where only the source changed: terms depend on the language.
		if err := replaceTerms(ctx, tx, sp.Terms.Table, d, stored); err != nil {
			return err
		}
		return centreAnew(ctx, tx, sp, live, d.ID)
	})
	return d, err
}

func writeDocument(ctx context.Context, tx pgx.Tx, d *document.Document, passages int) error {
	blocks, err := toStored(d.Blocks)
	if err != nil {
		return fmt.Errorf("encode blocks: %w", err)
	}
	metadata := d.Metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	return tx.QueryRow(ctx, `INSERT INTO documents (collection_id, document_id, title, language_code, publish_time,
			publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (collection_id, document_id) DO UPDATE SET
			title = excluded.title, language_code = excluded.language_code, publish_time = excluded.publish_time,
			publish_precision = excluded.publish_precision,
			source = excluded.source, uri = excluded.uri, text = excluded.text, text_digest = excluded.text_digest,
			blocks = excluded.blocks, metadata = excluded.metadata, etag = excluded.etag,
			passage_count = excluded.passage_count, update_time = now()
		RETURNING create_time, update_time`,
		d.Collection, d.ID, d.Title, d.LanguageCode, publishTime(*d), int16(d.PublishPrecision), d.Source, d.URI,
		d.Text, d.Digest, blocks, metadata, d.ETag, passages).Scan(&d.CreateTime, &d.UpdateTime)
}

func copyPassages(ctx context.Context, tx pgx.Tx, d document.Document, passages []document.Passage) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"passages"},
		[]string{"collection_id", "document_id", "ordinal", "kind", "label", "language_code", "text", "start_point", "end_point", "start_byte", "end_byte"},
		pgx.CopyFromSlice(len(passages), func(i int) ([]any, error) {
			p := passages[i]
			return []any{
				d.Collection, d.ID, p.Ordinal, int16(p.Kind), p.Label, p.LanguageCode, p.Text,
				p.Range.Start, p.Range.End, p.Range.StartByte, p.Range.EndByte,
			}, nil
		}))
	if err != nil {
		return fmt.Errorf("write passages: %w", err)
	}
	return nil
}

func copyVectors(ctx context.Context, tx pgx.Tx, sp space.Space, in document.Indexed) error {
	var rows [][]any
	for i, windows := range in.Windows {
		p := in.Passages[i]
		for number, w := range windows {
			rows = append(rows, []any{
				in.Document.ID, p.Ordinal, number, int16(w.Role), int16(p.Kind), document.PrimarySubtag(p.LanguageCode), p.LanguageCode,
				w.Range.Start, w.Range.End, w.Range.StartByte, w.Range.EndByte, vectorValue(w.Vector),
			})
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{sp.VectorTable}, []string{
		"document_id", "ordinal", "window_number", "role", "kind", "language", "language_code",
		"start_point", "end_point", "start_byte", "end_byte", "embedding",
	}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("write vectors: %w", err)
	}
	return nil
}

func windowCount(windows [][]document.Window) (n int) {
	for _, w := range windows {
		n += len(w)
	}
	return n
}

// publishTime is the column's value: NULL for an undated document.
func publishTime(d document.Document) any {
	if d.PublishTime.IsZero() {
		return nil
	}
	return d.PublishTime
}
