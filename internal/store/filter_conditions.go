package store

import (
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// holds returns an SQL condition on documents d. It is never NULL, so that NOT gives the
// opposite.
func holds(q *query, c document.Condition) string {
	var test string
	switch c.Test {
	case document.TestAnyOf:
		test = isAnyOf(q, c)
	case document.TestExists:
		test = exists(q, c.Field)
	case document.TestNumber:
		test = inBounds(q, column(q, c.Field), numberPattern, "float8", "%::float8", c.Numbers)
	case document.TestTime:
		test = timeIn(q, c)
	case document.TestAny:
		test = combined(q, c.Conditions, " OR ", "FALSE")
	case document.TestAll:
		test = combined(q, c.Conditions, " AND ", "TRUE")
	default:
		test = "FALSE"
	}
	if c.Not {
		return "NOT (" + test + ")"
	}
	return "(" + test + ")"
}

func combined(q *query, list []document.Condition, operator, none string) string {
	if len(list) == 0 {
		return none
	}
	tests := make([]string, len(list))
	for i, c := range list {
		tests[i] = holds(q, c)
	}
	return strings.Join(tests, operator)
}

// column returns an expression for the value of a field: a text or a time, or NULL if there
// is none.
func column(q *query, field string) string {
	if key, ok := document.MetadataKey(field); ok {
		return "(d.metadata ->> " + q.arg(key) + "::text)"
	}
	if isTime(field) {
		return "d." + quoteTable(field)
	}
	return "nullif(d." + quoteTable(field) + ", '')"
}

// isAnyOf returns a condition for document.TestAnyOf. It compares metadata by containment,
// which uses an index.
func isAnyOf(q *query, c document.Condition) string {
	if key, ok := document.MetadataKey(c.Field); ok {
		objects := make([]map[string]string, len(c.Values))
		for i, value := range c.Values {
			objects[i] = map[string]string{key: value}
		}
		return "d.metadata @> ANY(" + q.arg(objects) + "::jsonb[])"
	}
	return "coalesce(" + column(q, c.Field) + " = ANY(" + q.arg(c.Values) + "), FALSE)"
}

func exists(q *query, field string) string {
	if key, ok := document.MetadataKey(field); ok {
		return "d.metadata ? " + q.arg(key) + "::text"
	}
	return column(q, field) + " IS NOT NULL"
}

func isTime(field string) bool {
	return field == document.FieldPublishTime || field == document.FieldCreateTime || field == document.FieldUpdateTime
}

func timeIn(q *query, c document.Condition) string {
	if isTime(c.Field) {
		return "coalesce(" + between(q, column(q, c.Field), c.Times) + ", FALSE)"
	}
	// A date alone becomes midnight UTC.
	return inBounds(q, column(q, c.Field), timePattern, "timestamptz", "(CASE WHEN length(%) = 10 THEN % || 'T00:00:00Z' ELSE % END)::timestamptz", c.Times)
}

// inBounds returns a condition that is true for a text if it matches pattern, Postgres can
// read it as a value of the SQL type as, and the value is within bounds. cast is the
// expression that converts the text, for which % stands. CASE makes sure that no other text
// is converted, since that would be an error.
func inBounds[T float64 | time.Time](q *query, text, pattern, as, cast string, bounds []document.Bound[T]) string {
	return "CASE WHEN " + text + " ~ " + q.arg(pattern) + " AND pg_input_is_valid(" + text + ", '" + as + "') THEN " +
		between(q, strings.ReplaceAll(cast, "%", text), bounds) + " ELSE FALSE END"
}

func between[T float64 | time.Time](q *query, value string, bounds []document.Bound[T]) string {
	tests := []string{"TRUE"}
	for _, b := range bounds {
		tests = append(tests, value+" "+operators[b.Side]+" "+q.arg(b.Value))
	}
	return strings.Join(tests, " AND ")
}

var operators = map[document.Side]string{document.Above: ">", document.AtLeast: ">=", document.Below: "<", document.AtMost: "<="}

// The patterns exclude texts that Postgres accepts although they are not decimal numbers,
// such as "Infinity", or not RFC 3339 times, such as "yesterday" or "24:00".
// pg_input_is_valid excludes texts that Postgres cannot read. Patterns that also exclude
// those, for example by counting digits, take 30 µs per text instead of 1 (STORE-27).
const (
	numberPattern = `^[-+.0-9eE]+$`
	timePattern   = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?$`
)
