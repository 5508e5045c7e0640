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
		test = inBounds(q, column(q, c.Field), numberPattern, "%::float8", c.Numbers)
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

// isAnyOf compares metadata by containment, since that has an index.
func isAnyOf(q *query, c document.Condition) string {
	if key, ok := document.MetadataKey(c.Field); ok {
		return "d.metadata @> ANY(ARRAY(SELECT jsonb_build_object(" + q.arg(key) + "::text, value) FROM unnest(" + q.arg(c.Values) + "::text[]) value))"
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
	return inBounds(q, column(q, c.Field), timePattern, "(CASE WHEN length(%) = 10 THEN % || 'T00:00:00Z' ELSE % END)::timestamptz", c.Times)
}

// inBounds compares the value of a text that matches a pattern. cast converts a text, for
// which % stands. CASE makes sure that no other text is converted, since that would be an
// error.
func inBounds[T float64 | time.Time](q *query, text, pattern, cast string, bounds []document.Bound[T]) string {
	return "CASE WHEN " + text + " ~ " + q.arg(pattern) + " THEN " + between(q, strings.ReplaceAll(cast, "%", text), bounds) + " ELSE FALSE END"
}

func between[T float64 | time.Time](q *query, value string, bounds []document.Bound[T]) string {
	tests := []string{"TRUE"}
	for _, b := range bounds {
		tests = append(tests, value+" "+operators[b.Side]+" "+q.arg(b.Value))
	}
	return strings.Join(tests, " AND ")
}

var operators = map[document.Side]string{document.Above: ">", document.AtLeast: ">=", document.Below: "<", document.AtMost: "<="}

// The patterns match only texts that Postgres converts without an error. Numbers stay far
// from the bounds of float8. Times are those of RFC 3339, in the years 1000 to 9999, with
// offsets below 16 hours and no leap seconds.
const (
	numberPattern = `^[+-]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,2})?$`

	timePattern = `^(` + datePattern + `)([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?([Zz]|[+-](0[0-9]|1[0-5]):[0-5][0-9]))?$`
	datePattern = yearPattern + `-(` + daysPattern + `)|` + leapYearPattern + `-02-29`
	yearPattern = `[1-9][0-9]{3}`
	daysPattern = `(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])`
	// A year is a leap year if 4 divides it, and 100 does not, or 400 does.
	leapYearPattern = `([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)`
)
