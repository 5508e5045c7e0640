package store

import (
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

// query is a statement that is being built, with its conditions and arguments.
type query struct {
	text  string
	args  []any
	terms []string
}

// arg adds a value and returns its placeholder.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) where(condition string) { q.terms = append(q.terms, condition) }

func (q *query) conditions() string {
	if len(q.terms) == 0 {
		return "TRUE"
	}
	return strings.Join(q.terms, " AND ")
}

// filterDocuments adds the filter's conditions on the table documents d.
func filterDocuments(q *query, f document.Filter) {
	filterShared(q, f, "d.")
	if len(f.Languages) > 0 {
		q.where(languageRanges(q, "d.language_code", f.Languages))
	}
	filterFields(q, f)
	if len(f.Kinds) > 0 {
		q.where(`EXISTS (SELECT FROM passages p WHERE p.collection_id = d.collection_id
			AND p.document_id = d.document_id AND p.kind = ANY(` + q.arg(kindNumbers(f.Kinds)) + `))`)
	}
}

// filterVectors adds the filter's conditions on a table v of vectors of a collection,
// except for those on languages and kinds.
func filterVectors(q *query, f document.Filter, collection string) {
	filterShared(q, f, "v.")
	if f.OnDocuments() {
		of := query{args: q.args}
		of.where("d.collection_id = " + of.arg(collection))
		filterFields(&of, f)
		q.args = of.args
		q.where("v.document_id IN (SELECT d.document_id FROM documents d WHERE " + of.conditions() + ")")
	}
}

// filterFields adds the filter's conditions on fields that only documents d have.
func filterFields(q *query, f document.Filter) {
	if len(f.Metadata) > 0 {
		q.where("d.metadata @> " + q.arg(f.Metadata))
	}
	for _, c := range f.Conditions {
		q.where(holds(q, c))
	}
}

func filterShared(q *query, f document.Filter, prefix string) {
	if len(f.Sources) > 0 {
		q.where(prefix + "source = ANY(" + q.arg(f.Sources) + ")")
	}
	if len(f.Documents) > 0 {
		q.where(prefix + "document_id = ANY(" + q.arg(f.Documents) + ")")
	}
	if f.PublishedAfter != nil {
		q.where(prefix + "publish_time >= " + q.arg(*f.PublishedAfter))
	}
	if f.PublishedBefore != nil {
		q.where(prefix + "publish_time < " + q.arg(*f.PublishedBefore))
	}
}

// languageRanges adds a condition that matches tags by RFC 4647 basic filtering: a range
// matches a tag that equals it, or that starts with it followed by a hyphen. Case is
// ignored.
func languageRanges(q *query, column string, ranges []string) string {
	lower := make([]string, len(ranges))
	for i, r := range ranges {
		lower[i] = strings.ToLower(r)
	}
	return "EXISTS (SELECT FROM unnest(" + q.arg(lower) + "::text[]) r WHERE lower(" + column + ") = r OR starts_with(lower(" + column + "), r || '-'))"
}

func kindNumbers(kinds []document.Kind) []int16 {
	out := make([]int16, len(kinds))
	for i, k := range kinds {
		out[i] = int16(k)
	}
	return out
}
