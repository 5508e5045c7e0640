package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
)

// writePlan groups the documents to write by the data that changes. Each list is ordered by
// id.
type writePlan struct {
	documents []*member // all documents
	renewed   []*member // documents whose passages and vectors are replaced
	held      []*member // documents whose passages stay
	described []*member // documents whose language or filter columns change
	rewritten []*member // renewed and described ones; their terms and centred vectors are replaced
}

// write replaces documents. One batch deletes the old rows and takes all locks, in one
// order. The new rows follow, with one COPY per table. If a space gets no windows for a
// renewed document, it loses all its data of that document.
func (g *group) write(ctx context.Context, tx pgx.Tx, w writePlan) error {
	batch := &pgx.Batch{}
	if err := queueDocuments(batch, g.collection, w.documents); err != nil {
		return err
	}
	g.queueRemoval(batch, existing(w.renewed), existing(w.rewritten))
	if err := g.queuePlaces(batch, w.held); err != nil {
		return err
	}
	g.queueLanguages(batch, w.described)
	g.queueIndexed(batch, w.renewed)
	g.queueWaiting(batch, w.renewed)
	if err := readTermsOf(ctx, w.rewritten); err != nil {
		return err
	}
	averages := queueAverages(batch, g.collection, w.rewritten)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("replace documents: %w", err)
	}
	if err := copyPassages(ctx, tx, w.renewed); err != nil {
		return err
	}
	if err := g.copyTerms(ctx, tx, w.rewritten, averages); err != nil {
		return err
	}
	failed, err := g.writeWindows(ctx, tx, w.renewed)
	if err != nil {
		return err
	}
	batch = &pgx.Batch{}
	if len(failed) > 0 {
		queueFailed(batch, g.spaces[0].Space, failed)
	}
	for _, sp := range g.spaces {
		for _, live := range sp.live {
			queueCentre(batch, sp.Space, live, idsOf(w.rewritten))
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("centre vectors: %w", err)
	}
	return nil
}

// writeWindows writes the windows of documents for each space. It returns the ids of documents
// for which the active space has no vector at all.
func (g *group) writeWindows(ctx context.Context, tx pgx.Tx, renewed []*member) (failed []string, err error) {
	for i, sp := range g.spaces {
		var rows []document.PlacedWindow
		for _, m := range renewed {
			own := windowRows(m.Document.ID, m.Passages, m.windows[sp.ID])
			if rows = append(rows, own...); i == 0 && m.windows[sp.ID] != nil {
				if m.setIndexState(own); m.out.Document.IndexState == document.IndexFailed {
					failed = append(failed, m.Document.ID)
				}
			}
		}
		if err := writeWindows(ctx, tx, sp.Space, rows); err != nil {
			return nil, err
		}
	}
	return failed, nil
}

// replaceDocuments writes rows of documents, in the order of the arrays. It sets
// update_time to statement_timestamp(). now() would be too early: it is the start of the
// transaction, which may have waited for locks since.
const replaceDocuments = `INSERT INTO documents (collection_id, document_id, title, language_code, source, uri, text, text_digest, blocks, metadata, etag, page_starts,
		publish_time, publish_precision, passage_count, content_hash, incarnation)
	SELECT $1, id, title, language, source, uri, text, digest, blocks::jsonb, metadata::jsonb, etag, pages::jsonb, published, precision, passages, hash,
		(SELECT incarnation FROM collections WHERE collection_id = $1)
	FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
		$12::text[], $13::timestamptz[], $14::smallint[], $15::integer[], $16::text[]) WITH ORDINALITY
		AS d(id, title, language, source, uri, text, digest, blocks, metadata, etag, pages, published, precision, passages, hash, place)
	ORDER BY place
	ON CONFLICT (collection_id, document_id) DO UPDATE SET
		title = excluded.title, language_code = excluded.language_code, publish_time = excluded.publish_time,
		publish_precision = excluded.publish_precision,
		source = excluded.source, uri = excluded.uri, text = excluded.text, text_digest = excluded.text_digest,
		blocks = excluded.blocks, metadata = excluded.metadata, etag = excluded.etag, page_starts = excluded.page_starts,
		passage_count = excluded.passage_count, content_hash = excluded.content_hash, update_time = statement_timestamp()
	RETURNING document_id, create_time, update_time`

// queueDocuments queues the statement that writes the rows of documents in the given order.
func queueDocuments(batch *pgx.Batch, collection string, members []*member) error {
	n := len(members)
	texts := make([][]string, 11)
	published, precisions, counts, hashes := make([]*time.Time, n), make([]int16, n), make([]int32, n), make([]string, n)
	byID := make(map[string]*document.Document, n)
	for i, m := range members {
		d := m.Document
		blocks, err := toStored(d.Blocks)
		if err != nil {
			return fmt.Errorf("encode blocks: %w", err)
		}
		pages, err := json.Marshal(append([]int{}, d.PageStarts...))
		if err != nil {
			return fmt.Errorf("encode pages: %w", err)
		}
		metadata := []byte("{}")
		if len(d.Metadata) > 0 {
			if metadata, err = json.Marshal(d.Metadata); err != nil {
				return fmt.Errorf("encode metadata: %w", err)
			}
		}
		for c, value := range []string{d.ID, d.Title, d.LanguageCode, d.Source, d.URI, d.Text, d.Digest, string(blocks), string(metadata), d.ETag, string(pages)} {
			texts[c] = append(texts[c], value)
		}
		published[i], precisions[i], counts[i], hashes[i] = publishTime(d), int16(d.PublishPrecision), int32(len(m.Passages)), m.ContentHash
		byID[d.ID] = &m.out.Document
	}
	batch.Queue(replaceDocuments, collection, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], texts[7], texts[8], texts[9], texts[10],
		published, precisions, counts, hashes).Query(func(rows pgx.Rows) error {
		var (
			id               string
			created, updated time.Time
		)
		_, err := pgx.ForEachRow(rows, []any{&id, &created, &updated}, func() error {
			byID[id].CreateTime, byID[id].UpdateTime = created, updated
			return nil
		})
		return err
	})
	return nil
}

// queueRemoval queues the statements that delete passages and vectors of renewed
// documents, and terms and centred vectors of rewritten ones.
func (g *group) queueRemoval(batch *pgx.Batch, renewed, rewritten []string) {
	if len(renewed) > 0 {
		batch.Queue("DELETE FROM passages WHERE collection_id = $1 AND document_id = ANY($2)", g.collection, renewed)
		batch.Queue("DELETE FROM indexed_documents WHERE collection_id = $1 AND document_id = ANY($2)", g.collection, renewed)
		for _, sp := range g.spaces {
			batch.Queue("DELETE FROM "+quoteTable(sp.VectorTable)+" WHERE document_id = ANY($1)", renewed)
		}
	}
	if len(rewritten) == 0 {
		return
	}
	queueTermRemoval(batch, g.spaces[0].Terms.Table, rewritten)
	for _, sp := range g.spaces {
		for _, live := range sp.live {
			batch.Queue("DELETE FROM "+quoteTable(live.table)+" WHERE document_id = ANY($1)", rewritten)
		}
	}
}

// queuePlaces queues the statement that updates the pages and label paths of passages that
// are not replaced.
func (g *group) queuePlaces(batch *pgx.Batch, held []*member) error {
	var (
		ids, paths                []string
		ordinals, pages, pageEnds []int32
	)
	for _, m := range held {
		for _, p := range m.Passages {
			path, err := json.Marshal(append([]string{}, p.LabelPath...))
			if err != nil {
				return fmt.Errorf("encode a label path: %w", err)
			}
			ids, ordinals, paths = append(ids, m.Document.ID), append(ordinals, int32(p.Ordinal)), append(paths, string(path))
			pages, pageEnds = append(pages, int32(p.Page)), append(pageEnds, int32(p.PageEnd))
		}
	}
	if len(ids) > 0 {
		batch.Queue(`UPDATE passages p SET label_path = d.labels, page = d.page, page_end = d.page_end
			FROM (SELECT id, ordinal, page, page_end, nullif(ARRAY(SELECT jsonb_array_elements_text(path::jsonb)), '{}') AS labels
				FROM unnest($2::text[], $3::integer[], $4::text[], $5::integer[], $6::integer[]) AS u(id, ordinal, path, page, page_end)) d
			WHERE p.collection_id = $1 AND p.document_id = d.id AND p.ordinal = d.ordinal
				AND (p.label_path, p.page, p.page_end) IS DISTINCT FROM (d.labels, d.page, d.page_end)`,
			g.collection, ids, ordinals, paths, pages, pageEnds)
	}
	return nil
}

// queueLanguages queues the statements that update the language of passages and vectors
// that are not replaced.
func (g *group) queueLanguages(batch *pgx.Batch, described []*member) {
	var ids, languages, codes []string
	for _, m := range described {
		if code := m.Document.LanguageCode; code != m.before.language {
			ids, languages, codes = append(ids, m.Document.ID), append(languages, document.PrimarySubtag(code)), append(codes, code)
		}
	}
	if len(ids) == 0 {
		return
	}
	batch.Queue(`UPDATE passages p SET language_code = d.code FROM unnest($2::text[], $3::text[]) AS d(id, code)
		WHERE p.collection_id = $1 AND p.document_id = d.id`, g.collection, ids, codes)
	for _, sp := range g.spaces {
		batch.Queue("UPDATE "+quoteTable(sp.VectorTable)+` v SET language = d.language, language_code = d.code
			FROM unnest($1::text[], $2::text[], $3::text[]) AS d(id, language, code) WHERE v.document_id = d.id`, ids, languages, codes)
	}
}

// queueIndexed queues the statements that record which spaces have which documents. A
// trigger has already noted that all spaces except the active one lack them.
func (g *group) queueIndexed(batch *pgx.Batch, renewed []*member) {
	var (
		ids, spaces, hashes []string
		counts              []int32
	)
	for _, m := range renewed {
		for _, sp := range g.spaces {
			if made := m.windows[sp.ID]; made != nil {
				ids, spaces, hashes = append(ids, m.Document.ID), append(spaces, sp.ID), append(hashes, m.ContentHash)
				counts = append(counts, int32(windowCount(made)))
			}
		}
	}
	if len(ids) > 0 {
		batch.Queue(`INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count, incarnation)
			SELECT $1, made.*, s.incarnation FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[]) AS made(document_id, space_id, hash, windows)
				JOIN spaces s ON s.collection_id = $1 AND s.space_id = made.space_id`, g.collection, ids, spaces, hashes, counts)
	}
	for _, sp := range g.spaces[1:] {
		queueBuilt(batch, sp.Space, idsOf(slices.DeleteFunc(slices.Clone(renewed), func(m *member) bool { return m.windows[sp.ID] == nil })))
	}
}
