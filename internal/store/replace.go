package store

import (
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// ReplaceDocument makes a document, its passages and its vectors what is stored
// under its name, in one transaction, and returns it as stored and the state
// that it found. What is stored like that already is not written; where only
// what stands beside text and structure differs, the vectors stay, and
// in.Windows may be nil. The windows are of the space sp, which must still be the
// active one, or in.Others have those of the one that is; other spaces without
// windows are left behind. document.ErrChanged where vectors are needed and there
// are none; document.ErrNotFound where the collection is gone.
func (s *Store) ReplaceDocument(ctx context.Context, sp space.Space, in document.Indexed) (d document.Document, before document.State, err error) {
	d = in.Document
	err = s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockDocument(ctx, tx, d.Collection, d.ID); err != nil {
			return err
		}
		spaces, err := lockSpaces(ctx, tx, d.Collection)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		queueLeftovers(batch, d.Collection, []string{d.ID})
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		active := spaces[0]
		if before, err = documentState(ctx, tx, active.Space, d.ID); err != nil {
			return err
		}
		windows := windowsBySpace(sp, in)
		embedded := before.ContentHash == in.ContentHash
		switch {
		case embedded && before.ETag == d.ETag:
			d.CreateTime, d.UpdateTime = before.CreateTime, before.UpdateTime
			d.Failures, err = failures(ctx, tx, active.Space, d.ID, maxFailures)
			return err
		case embedded:
			return describe(ctx, tx, spaces, &d, in)
		case windows[active.ID] == nil:
			return &document.ResourceError{Name: document.Name(d.Collection, d.ID), Err: document.ErrChanged}
		}
		return replace(ctx, tx, spaces, &d, in, windows)
	})
	if err == nil {
		s.indexes.wake()
		s.foldSometimes(ctx, sp)
	}
	return d, before, err
}

// windowsBySpace returns the windows of each space that there are windows for.
func windowsBySpace(sp space.Space, in document.Indexed) map[string][][]document.Window {
	windows := maps.Clone(in.Others)
	if windows == nil {
		windows = map[string][][]document.Window{}
	}
	if in.Windows != nil {
		windows[sp.ID] = in.Windows
	}
	return windows
}

// describe writes what a document says beside its text and structure, and
// brings up to date what stands beside its passages and vectors.
func describe(ctx context.Context, tx pgx.Tx, spaces []written, d *document.Document, in document.Indexed) error {
	var searched bool // what changes is what searches filter by, or the language
	err := tx.QueryRow(ctx, `SELECT (language_code, publish_time, source) IS DISTINCT FROM ($3, $4::timestamptz, $5)
		FROM documents WHERE collection_id = $1 AND document_id = $2`,
		d.Collection, d.ID, d.LanguageCode, publishTime(*d), d.Source).Scan(&searched)
	if err != nil {
		return err
	}
	if err := writeDocument(ctx, tx, d, in); err != nil {
		return err
	}
	if d.Failures, err = failures(ctx, tx, spaces[0].Space, d.ID, maxFailures); err != nil || !searched {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue("UPDATE passages SET language_code = $3 WHERE collection_id = $1 AND document_id = $2 AND language_code <> $3",
		d.Collection, d.ID, d.LanguageCode)
	for _, sp := range spaces {
		batch.Queue("UPDATE "+quoteTable(sp.VectorTable)+` SET language = $2, language_code = $3
			WHERE document_id = $1 AND language_code <> $3`, d.ID, document.PrimarySubtag(d.LanguageCode), d.LanguageCode)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	// Anew even where only the source changed: terms depend on the language.
	if err := replaceTerms(ctx, tx, spaces[0].Terms.Table, *d, in.Passages); err != nil {
		return err
	}
	for _, sp := range spaces {
		if err := centreAnew(ctx, tx, sp, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a document, its passages, their terms and vectors in place of
// what was there. A space without windows keeps nothing of it.
func replace(ctx context.Context, tx pgx.Tx, spaces []written, d *document.Document, in document.Indexed, windows map[string][][]document.Window) error {
	if err := writeDocument(ctx, tx, d, in); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue("DELETE FROM passages WHERE collection_id = $1 AND document_id = $2", d.Collection, d.ID)
	batch.Queue("DELETE FROM indexed_documents WHERE collection_id = $1 AND document_id = $2", d.Collection, d.ID)
	for _, sp := range spaces {
		batch.Queue("DELETE FROM "+quoteTable(sp.VectorTable)+" WHERE document_id = $1", d.ID)
		if made := windows[sp.ID]; made != nil {
			batch.Queue(`INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count, incarnation)
				SELECT $1, $2, $3, $4, $5, incarnation FROM spaces WHERE collection_id = $1 AND space_id = $3`, d.Collection, d.ID, sp.ID, in.ContentHash, windowCount(made))
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("replace passages: %w", err)
	}
	if err := copyPassages(ctx, tx, *d, in.Passages); err != nil {
		return err
	}
	if err := replaceTerms(ctx, tx, spaces[0].Terms.Table, *d, in.Passages); err != nil {
		return err
	}
	for i, sp := range spaces {
		rows := windowRows(d.ID, in.Passages, windows[sp.ID])
		if err := writeWindows(ctx, tx, sp.Space, rows); err != nil {
			return err
		}
		if err := centreAnew(ctx, tx, sp, d.ID); err != nil {
			return err
		}
		if i == 0 {
			d.Failures = failuresOf(rows)
		}
	}
	return nil
}

func writeDocument(ctx context.Context, tx pgx.Tx, d *document.Document, in document.Indexed) error {
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
			publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count, content_hash, incarnation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, (SELECT incarnation FROM collections WHERE collection_id = $1))
		ON CONFLICT (collection_id, document_id) DO UPDATE SET
			title = excluded.title, language_code = excluded.language_code, publish_time = excluded.publish_time,
			publish_precision = excluded.publish_precision,
			source = excluded.source, uri = excluded.uri, text = excluded.text, text_digest = excluded.text_digest,
			blocks = excluded.blocks, metadata = excluded.metadata, etag = excluded.etag,
			passage_count = excluded.passage_count, content_hash = excluded.content_hash, update_time = statement_timestamp()
		RETURNING create_time, update_time`,
		d.Collection, d.ID, d.Title, d.LanguageCode, publishTime(*d), int16(d.PublishPrecision), d.Source, d.URI,
		d.Text, d.Digest, blocks, metadata, d.ETag, len(in.Passages), in.ContentHash).Scan(&d.CreateTime, &d.UpdateTime)
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

// publishTime is the column's value: NULL for an undated document.
func publishTime(d document.Document) any {
	if d.PublishTime.IsZero() {
		return nil
	}
	return d.PublishTime
}
