package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// Values returns the values of fields for passages, and their publish times. A field is
// document.FieldLanguageCode, FieldKind, FieldSource, FieldPublishYear or a key of metadata.
// Passages that were deleted are left out.
func (s *Store) Values(ctx context.Context, sp space.Space, keys []document.PassageKey, fields []string) (map[document.PassageKey]document.PassageValues, error) {
	found := make(map[document.PassageKey]document.PassageValues, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	var (
		q         query
		key       document.PassageKey
		published *time.Time
		values    []*string
		columns   = make([]string, len(fields))
	)
	for i, field := range fields {
		columns[i] = valueOf(&q, field)
	}
	q.text = fmt.Sprintf(`SELECT p.document_id, p.ordinal, d.publish_time, ARRAY[%s]::text[] FROM %s k(document_id, ordinal)
		JOIN passages p ON p.collection_id = %s AND p.document_id = k.document_id AND p.ordinal = k.ordinal
		JOIN documents d ON d.collection_id = p.collection_id AND d.document_id = p.document_id`,
		strings.Join(columns, ", "), unnestKeys(&q, keys), q.arg(sp.Collection))
	err := s.forEach(ctx, keyLookup, q, []any{&key.Document, &key.Ordinal, &published, &values}, func() {
		v := document.PassageValues{Values: values}
		if published != nil {
			v.PublishTime = *published
		}
		found[key], values = v, nil
	})
	return found, err
}

// valueOf returns an expression for the text of a field of passages p or documents d.
func valueOf(q *query, field string) string {
	switch field {
	case document.FieldLanguageCode:
		return "p.language_code"
	case document.FieldKind:
		return "p.kind::text"
	case document.FieldPublishYear:
		return "extract(year FROM d.publish_time AT TIME ZONE 'UTC')::integer::text"
	default:
		return "left(" + column(q, field) + ", 257)"
	}
}
