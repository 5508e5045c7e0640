package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// windowRows returns the windows of a document's passages, each with its passage and
// number.
func windowRows(id string, passages []document.Passage, windows [][]document.Window) (rows []document.PlacedWindow) {
	for i, list := range windows {
		for number, w := range list {
			rows = append(rows, document.PlacedWindow{Document: id, Passage: &passages[i], Number: number, Window: w})
		}
	}
	return rows
}

func windowCount(windows [][]document.Window) (n int) {
	for _, w := range windows {
		n += len(w)
	}
	return n
}

// writeWindows writes the vectors of windows, and the failures of those without one.
// The windows must not be stored yet.
func writeWindows(ctx context.Context, tx pgx.Tx, sp space.Space, rows []document.PlacedWindow) error {
	var vectors, failed [][]any
	for _, w := range rows {
		p, r := w.Passage, w.Range
		if w.Failure != nil {
			failed = append(failed, []any{
				sp.Collection, w.Document, sp.ID, p.Ordinal, w.Number, r.Start, r.End, r.StartByte, r.EndByte,
				string(w.Failure.Reason), w.Failure.Message,
			})
			continue
		}
		vectors = append(vectors, []any{
			w.Document, p.Ordinal, w.Number, int16(w.Role), int16(p.Kind), document.PrimarySubtag(p.LanguageCode), p.LanguageCode,
			r.Start, r.End, r.StartByte, r.EndByte, vectorValue(w.Vector),
		})
	}
	err := copyRows(ctx, tx, sp.VectorTable, []string{
		"document_id", "ordinal", "window_number", "role", "kind", "language", "language_code",
		"start_point", "end_point", "start_byte", "end_byte", "embedding",
	}, vectors)
	if err != nil {
		return err
	}
	return copyRows(ctx, tx, "failed_windows", []string{
		"collection_id", "document_id", "space_id", "ordinal", "window_number", "start_point", "end_point", "start_byte", "end_byte", "reason", "message",
	}, failed)
}

func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}
