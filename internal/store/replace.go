package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ReplaceDocument makes a document, its passages and its vectors what is stored
// under its name, in one transaction, and returns it as stored and the state
// that it found. What is stored like that already is not written; where only
// what stands beside text and structure differs, the vectors stay, and in.Vectors
// may be nil. document.ErrChanged where vectors are needed and there are none;
// document.ErrNotFound where the collection is gone.
func (s *Store) ReplaceDocument(ctx context.Context, sp space.Space, in document.Indexed) (d document.Document, before document.State, err error) {
	d = in.Document
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, d.Collection, d.ID); err != nil {
			return err
		}
		live, err := lockGenerations(ctx, tx, sp)
		if err != nil {
			return err
		}
		if before, err = documentState(ctx, tx, sp, d.ID); err != nil {
			return err
		}
		embedded := before.ContentHash == in.ContentHash
		switch {
		case embedded && before.ETag == d.ETag:
			d.CreateTime, d.UpdateTime = before.CreateTime, before.UpdateTime
			return nil
		case embedded:
			return describe(ctx, tx, sp, live, &d, in.Passages)
		case in.Windows == nil:
			return &document.ResourceError{Name: document.Name(d.Collection, d.ID), Err: document.ErrChanged}
		}
		return replace(ctx, tx, sp, live, &d, in)
	})
	if err == nil {
		s.indexes.wake()
		s.foldSometimes(ctx, sp)
	}
	return d, before, err
}

// describe writes what a document says beside its text and structure, and
// brings up to date what stands beside its passages and vectors.
func describe(ctx context.Context, tx pgx.Tx, sp space.Space, live []generation, d *document.Document, passages []document.Passage) error {
	var searched bool // what changes is what searches filter by, or the language
	err := tx.QueryRow(ctx, `SELECT (language_code, publish_time, source) IS DISTINCT FROM ($3, $4::timestamptz, $5)
		FROM documents WHERE collection_id = $1 AND document_id = $2`,
		d.Collection, d.ID, d.LanguageCode, publishTime(*d), d.Source).Scan(&searched)
	if err != nil {
		return err
	}
	if err := writeDocument(ctx, tx, d, len(passages)); err != nil || !searched {
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
	// Anew even where only the source changed: terms depend on the language.
	if err := replaceTerms(ctx, tx, sp.Terms.Table, *d, passages); err != nil {
		return err
	}
	return centreAnew(ctx, tx, sp, live, d.ID)
}

// replace writes a document, its passages, their terms and vectors in place of
// what was there.
func replace(ctx context.Context, tx pgx.Tx, sp space.Space, live []generation, d *document.Document, in document.Indexed) error {
	if err := writeDocument(ctx, tx, d, len(in.Passages)); err != nil {
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
	if err := copyPassages(ctx, tx, *d, in.Passages); err != nil {
		return err
	}
	if err := replaceTerms(ctx, tx, sp.Terms.Table, *d, in.Passages); err != nil {
		return err
	}
	if err := copyVectors(ctx, tx, sp, in); err != nil {
		return err
	}
	return centreAnew(ctx, tx, sp, live, d.ID)
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
	// now() is when the transaction began, before it waited for the lock.
	return tx.QueryRow(ctx, `INSERT INTO documents (collection_id, document_id, title, language_code, publish_time,
			publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (collection_id, document_id) DO UPDATE SET
			title = excluded.title, language_code = excluded.language_code, publish_time = excluded.publish_time,
			publish_precision = excluded.publish_precision,
			source = excluded.source, uri = excluded.uri, text = excluded.text, text_digest = excluded.text_digest,
			blocks = excluded.blocks, metadata = excluded.metadata, etag = excluded.etag,
			passage_count = excluded.passage_count, update_time = statement_timestamp()
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
