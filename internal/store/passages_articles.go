package store

import (
	"context"
	"fmt"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// maxArticles bounds the passages that Articles returns.
const maxArticles = 1000

// Articles returns the articles of a collection that contain one of the terms. Each term
// names an article by its number. Articles published in one of the years (UTC) come first,
// then the newest. It returns at most maxArticles.
func (s *Store) Articles(ctx context.Context, sp space.Space, terms, years []int32, f document.Filter) (list []document.Article, err error) {
	var q query
	if len(f.Languages) > 0 {
		q.where(languageRanges(&q, "v.language_code", f.Languages))
	}
	filterVectors(&q, f, sp.Collection)
	q.text = fmt.Sprintf(`SELECT v.document_id, v.ordinal, p.label, p.label_path, d.title, v.language, coalesce(extract(year FROM v.publish_time AT TIME ZONE 'UTC')::integer = ANY(%s::integer[]), false) AS in_year
		FROM %s v JOIN passages p ON p.collection_id = %s AND p.document_id = v.document_id AND p.ordinal = v.ordinal
		JOIN documents d ON d.collection_id = p.collection_id AND d.document_id = p.document_id
		WHERE v.terms && %s::integer[] AND v.kind = %d AND %s
		ORDER BY in_year DESC, v.publish_time DESC NULLS LAST, v.document_id, v.ordinal LIMIT %d`,
		q.arg(years), quoteTable(sp.Terms.Table), q.arg(sp.Collection), q.arg(terms), document.KindArticle, q.conditions(), maxArticles)
	var a document.Article
	err = s.forEach(ctx, fastPlan, q, []any{&a.Document, &a.Ordinal, &a.Label, &a.LabelPath, &a.Title, &a.Language, &a.InYear}, func() { list = append(list, a) })
	return list, err
}
