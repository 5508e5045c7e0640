package document

import (
	"strings"
	"time"
)

// Fields of documents and passages, as conditions and facets name them. The field of a metadata
// key is metadataField followed by the key.
const (
	FieldTitle        = "title"
	FieldSource       = "source"
	FieldURI          = "uri"
	FieldPublishTime  = "publish_time"
	FieldPublishYear  = "publish_year"
	FieldCreateTime   = "create_time"
	FieldUpdateTime   = "update_time"
	FieldLanguageCode = "language_code"
	FieldKind         = "kind"
	metadataField     = "metadata."
)

// Test is what a condition tests.
type Test int

// Values of Test.
const (
	// TestAnyOf: the value is one of Values.
	TestAnyOf Test = iota + 1
	// TestExists: the document has a value, which is metadata with the key, a text that is not
	// empty, or a time.
	TestExists
	// TestNumber: the value is a decimal number within the bounds in Numbers.
	TestNumber
	// TestTime: the value is a time within the bounds in Times. In metadata and texts, it is
	// written as in RFC 3339, or as a date, which means midnight UTC.
	TestTime
	// TestAny: one of Conditions holds.
	TestAny
	// TestAll: all of Conditions hold.
	TestAll
)

// Condition is a condition on a document. A document without a value of the field, or with
// one of another type, fails the test.
type Condition struct {
	Test Test
	// Not makes the condition hold if the test fails.
	Not bool
	// Field is what TestAnyOf, TestExists, TestNumber and TestTime test.
	Field      string
	Values     []string
	Numbers    []Bound[float64]
	Times      []Bound[time.Time]
	Conditions []Condition
}

// Bound is a limit of a range.
type Bound[T float64 | time.Time] struct {
	Side  Side
	Value T
}

// Side is the side of a bound on which values are in the range.
type Side int

// Values of Side.
const (
	Above Side = iota + 1
	AtLeast
	Below
	AtMost
)

// MetadataKey returns the key of metadata that a field names. ok is false if the field is
// another one.
func MetadataKey(field string) (key string, ok bool) { return strings.CutPrefix(field, metadataField) }
