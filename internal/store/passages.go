package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
)

// passageFields are the columns of the table passages, without its key of collection and
// document, in the order of passageTargets and passageValues.
var passageFields = []string{"ordinal", "kind", "label", "language_code", "text", "start_point", "end_point", "start_byte", "end_byte", "page", "page_end", "label_path"}

// passageColumns selects the passageFields of passages p.
var passageColumns = "p." + strings.Join(passageFields, ", p.")

// passageTargets returns the scan targets for passageColumns.
func passageTargets(p *document.Passage) []any {
	r := &p.Range
	return []any{&p.Ordinal, &p.Kind, &p.Label, &p.LanguageCode, &p.Text, &r.Start, &r.End, &r.StartByte, &r.EndByte, &p.Page, &p.PageEnd, &p.LabelPath}
}

// passageValues returns the values of passageFields.
func passageValues(p document.Passage) []any {
	return []any{p.Ordinal, int16(p.Kind), p.Label, p.LanguageCode, p.Text, p.Range.Start, p.Range.End, p.Range.StartByte, p.Range.EndByte, p.Page, p.PageEnd, p.LabelPath}
}

// passagesOf returns the passages of documents by document id, in order.
func passagesOf(ctx context.Context, tx pgx.Tx, collection string, ids ...string) (map[string][]document.Passage, error) {
	rows, err := tx.Query(ctx, "SELECT p.document_id, "+passageColumns+` FROM passages p
		WHERE p.collection_id = $1 AND p.document_id = ANY($2) ORDER BY p.document_id, p.ordinal`, collection, ids)
	if err != nil {
		return nil, err
	}
	var (
		id string
		p  document.Passage
	)
	list := make(map[string][]document.Passage, len(ids))
	_, err = pgx.ForEachRow(rows, append([]any{&id}, passageTargets(&p)...), func() error {
		list[id] = append(list[id], p)
		return nil
	})
	return list, err
}

// copyPassages writes the passages of documents that have none stored.
func copyPassages(ctx context.Context, tx pgx.Tx, renewed []*member) error {
	var rows [][]any
	for _, m := range renewed {
		for _, p := range m.Passages {
			rows = append(rows, append([]any{m.Document.Collection, m.Document.ID}, passageValues(p)...))
		}
	}
	return copyRows(ctx, tx, "passages", append([]string{"collection_id", "document_id"}, passageFields...), rows)
}
