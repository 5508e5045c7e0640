package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// documentColumns are the columns of documents d, except for text and blocks. See
// documentTargets for their scan targets.
const documentColumns = `d.document_id, d.title, d.language_code, d.publish_time, d.publish_precision,
	d.source, d.uri, d.text_digest, d.metadata, d.etag, d.create_time, d.update_time`

// documentTargets returns the scan targets for documentColumns, and a function that
// completes the document after the scan.
func documentTargets(d *document.Document) (targets []any, finish func()) {
	var published *time.Time
	targets = []any{
		&d.ID, &d.Title, &d.LanguageCode, &published, &d.PublishPrecision,
		&d.Source, &d.URI, &d.Digest, &d.Metadata, &d.ETag, &d.CreateTime, &d.UpdateTime,
	}
	return targets, func() {
		if published != nil {
			d.PublishTime = published.UTC()
		}
	}
}

// GetDocument returns a document, or document.ErrNotFound. It includes text, blocks and
// failures if full is set.
func (s *Store) GetDocument(ctx context.Context, collection, id string, full bool) (document.Document, error) {
	d := document.Document{Collection: collection}
	columns := documentColumns + indexColumns + ", '', '[]'::jsonb, '[]'::jsonb"
	if full {
		columns = documentColumns + indexColumns + ", d.text, d.blocks, d.page_starts"
	}
	err := s.read(ctx, func(ctx context.Context) error {
		var blocks []storedBlock
		targets, finish := indexedTargets(&d)
		err := s.db(ctx).QueryRow(ctx, "SELECT "+columns+" FROM documents d WHERE d.collection_id = $1 AND d.document_id = $2 AND "+liveDocument("$1"), collection, id).
			Scan(append(targets, &d.Text, &blocks, &d.PageStarts)...)
		if err != nil {
			return notFound(err, document.Name(collection, id))
		}
		finish()
		d.Blocks = fromStored(blocks)
		if full {
			d.Failures, err = activeFailures(ctx, s.db(ctx), collection, id)
		}
		return err
	})
	return d, err
}

// ListDocuments returns up to limit documents without their texts, ordered by id, after the
// given id. The list is empty if no document matches the filter. It returns
// document.ErrNotFound if there is no such collection.
func (s *Store) ListDocuments(ctx context.Context, collection string, f document.Filter, after string, limit int) (list []document.Document, err error) {
	err = s.inTx(ctx, pgx.ReadOnly, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := activeSpace(ctx, tx, collection); err != nil {
			return err
		}
		var q query
		selectDocuments(&q, collection, f)
		q.where("d.document_id > " + q.arg(after))
		limitArg := q.arg(limit)
		rows, err := tx.Query(ctx, "SELECT "+documentColumns+indexColumns+" FROM documents d WHERE "+q.conditions()+
			" ORDER BY d.document_id LIMIT "+limitArg, q.args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (document.Document, error) {
			d := document.Document{Collection: collection}
			targets, finish := indexedTargets(&d)
			err := row.Scan(targets...)
			finish()
			return d, err
		})
		return err
	})
	return list, err
}

// DocumentStates returns the states of documents in a space, by id. It leaves out documents
// that do not exist.
func (s *Store) DocumentStates(ctx context.Context, sp space.Space, ids []string) (map[string]document.State, error) {
	states := make(map[string]document.State, len(ids))
	err := s.read(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, `SELECT d.document_id, d.etag, coalesce(i.content_hash, ''), d.create_time, d.update_time
			FROM documents d LEFT JOIN indexed_documents i
				ON i.collection_id = d.collection_id AND i.document_id = d.document_id AND i.space_id = $3 AND i.complete
				AND i.incarnation = (SELECT incarnation FROM spaces WHERE collection_id = $1 AND space_id = $3)
			WHERE d.collection_id = $1 AND d.document_id = ANY($2) AND `+liveDocument("$1"), sp.Collection, ids, sp.ID)
		if err != nil {
			return err
		}
		var (
			id string
			st document.State
		)
		_, err = pgx.ForEachRow(rows, []any{&id, &st.ETag, &st.ContentHash, &st.CreateTime, &st.UpdateTime}, func() error {
			states[id] = st
			return nil
		})
		return err
	})
	return states, err
}

// DeleteDocument removes a document with its passages, terms and vectors of every
// space. It returns document.ErrNotFound if there is none, and
// document.ErrPrecondition if etag is not empty and the document has another one.
func (s *Store) DeleteDocument(ctx context.Context, collection, id, etag string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		if etag != "" {
			if err := requireETag(ctx, tx, collection, id, etag); err != nil {
				return err
			}
		}
		found, err := deleteDocuments(ctx, tx, collection, document.Filter{}, []string{id})
		if err == nil && len(found) == 0 {
			err = &document.ResourceError{Name: document.Name(collection, id), Err: document.ErrNotFound}
		}
		return err
	})
}

// requireETag locks a document and checks its etag.
func requireETag(ctx context.Context, tx pgx.Tx, collection, id, etag string) error {
	if err := lockDocuments(ctx, tx, collection, []string{id}); err != nil {
		return err
	}
	var stored string
	name := document.Name(collection, id)
	err := tx.QueryRow(ctx, "SELECT d.etag FROM documents d WHERE d.collection_id = $1 AND d.document_id = $2 AND "+liveDocument("$1"), collection, id).Scan(&stored)
	if err != nil {
		return notFound(err, name)
	}
	return document.Precondition{ETag: etag}.Check(name, stored)
}

// storedBlock is a block in the blocks column.
type storedBlock struct {
	Kind      document.Kind `json:"kind"`
	Start     int           `json:"start"`
	End       int           `json:"end"`
	StartByte int           `json:"start_byte"`
	EndByte   int           `json:"end_byte"`
	Level     int           `json:"level,omitempty"`
}

func toStored(blocks []document.Block) ([]byte, error) {
	out := make([]storedBlock, len(blocks))
	for i, b := range blocks {
		out[i] = storedBlock{b.Kind, b.Range.Start, b.Range.End, b.Range.StartByte, b.Range.EndByte, b.Level}
	}
	return json.Marshal(out)
}

func fromStored(blocks []storedBlock) []document.Block {
	out := make([]document.Block, len(blocks))
	for i, b := range blocks {
		out[i] = document.Block{Kind: b.Kind, Level: b.Level, Range: document.TextRange{Start: b.Start, End: b.End, StartByte: b.StartByte, EndByte: b.EndByte}}
	}
	return out
}
