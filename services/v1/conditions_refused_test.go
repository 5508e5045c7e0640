package v1_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func anyOf(field string, values ...string) *accordv1.Condition {
	return &accordv1.Condition{Field: field, Test: &accordv1.Condition_AnyOf{AnyOf: &accordv1.Values{Values: values}}}
}

func number(field string, in *accordv1.NumberRange) *accordv1.Condition {
	return &accordv1.Condition{Field: field, Test: &accordv1.Condition_Number{Number: in}}
}

func within(field string, in *accordv1.TimeRange) *accordv1.Condition {
	return &accordv1.Condition{Field: field, Test: &accordv1.Condition_Time{Time: in}}
}

func none(list ...*accordv1.Condition) *accordv1.Condition {
	return &accordv1.Condition{Test: &accordv1.Condition_NoCondition{NoCondition: &accordv1.Conditions{Conditions: list}}}
}

// nested returns a condition that is depth levels deep.
func nested(depth int) *accordv1.Condition {
	c := anyOf("source", "Wire")
	for range depth - 1 {
		c = none(c)
	}
	return c
}

// TestConditionsRefused: an error names the field and says what to do. Lists and deletions
// refuse the same conditions as searches.
func TestConditionsRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	many := slices.Repeat([]*accordv1.Condition{anyOf("uri", "u")}, 60)
	for _, tc := range []struct {
		what      string
		condition *accordv1.Condition
		field     string
		problem   string // part of the message
	}{
		{"no test", &accordv1.Condition{Field: "source"}, "filter.conditions[0].test", "exactly one field is required"},
		{"no field", anyOf("", "a"), "filter.conditions[0]", "needs a field to test"},
		{"a field of a combination", &accordv1.Condition{Field: "source", Test: none(nested(1)).GetTest()}, "filter.conditions[0]", "field must be empty"},
		{"an unknown field", anyOf("sourse", "a"), "filter.conditions[0].field", "must be metadata.KEY"},
		{"no key", anyOf("metadata.", "a"), "filter.conditions[0].field", "must be metadata.KEY"},
		{"a long key", anyOf("metadata."+strings.Repeat("k", 129), "a"), "filter.conditions[0].field", "1 to 128 characters"},
		{"NUL in a key", anyOf("metadata.\x00", "a"), "filter.conditions[0].field", "NUL"},
		{"NUL in a value", anyOf("source", "a", "\x00"), "filter.conditions[0].any_of.values[1]", "NUL"},
		{"no values", anyOf("source"), "filter.conditions[0].any_of.values", "at least 1 item"},
		{"a long value", anyOf("source", strings.Repeat("v", 4097)), "filter.conditions[0].any_of.values[0]", "4096"},
		{"texts for a time", anyOf("publish_time", "2024"), "filter.conditions[0]", "only the tests exists and time"},
		{"no bounds", number("metadata.n", &accordv1.NumberRange{}), "filter.conditions[0].number", "needs a bound"},
		{"two lower bounds", number("metadata.n", &accordv1.NumberRange{Gt: proto.Float64(1), Gte: proto.Float64(1)}), "filter.conditions[0].number", "one of gt and gte"},
		{"not a number", number("metadata.n", &accordv1.NumberRange{Gt: proto.Float64(math.NaN())}), "filter.conditions[0].number.gt", "finite"},
		{"no time bounds", within("create_time", &accordv1.TimeRange{}), "filter.conditions[0].time", "needs a bound"},
		{"a time out of range", within("create_time", &accordv1.TimeRange{Lt: &timestamppb.Timestamp{Nanos: -1}}), "filter.conditions[0].time.lt", "nanoseconds"},
		{"an inner fault", none(nested(1), none(anyOf("sourse", "a"))), "filter.conditions[0].no_condition.conditions[1].no_condition.conditions[0].field", "must be metadata.KEY"},
		{"too deep", nested(6), "filter.conditions[0]" + strings.Repeat(".no_condition.conditions[0]", 4) + ".no_condition.conditions", "more than 5 deep"},
		{"far too deep", nested(3000), "filter.conditions[0]" + strings.Repeat(".no_condition.conditions[0]", 4) + ".no_condition.conditions", "more than 5 deep"},
		{"too many", none(none(many...), none(many...)), "filter.conditions[0].no_condition.conditions[1].no_condition.conditions", "more than 100 conditions"},
	} {
		filter := &accordv1.Filter{Conditions: []*accordv1.Condition{tc.condition}}
		_, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "harbour", Filter: filter})
		if _, twin := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: filter}); status.Convert(twin).Message() != status.Convert(err).Message() {
			t.Errorf("%s: ListDocuments answers %v", tc.what, twin)
		}
		if _, twin := s.ingest.DeleteDocuments(callContext(t), &accordv1.DeleteDocumentsRequest{Filter: filter}); status.Convert(twin).Message() != status.Convert(err).Message() {
			t.Errorf("%s: DeleteDocuments answers %v", tc.what, twin)
		}
		checkFailure(t, err, invalid(tc.field))
		if !strings.Contains(status.Convert(err).Message(), tc.problem) {
			t.Errorf("%s: %v, want %q in it", tc.what, err, tc.problem)
		}
	}
	if _, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "harbour", Filter: &accordv1.Filter{Conditions: []*accordv1.Condition{nested(5)}}}); status.Code(err) != codes.OK {
		t.Errorf("five levels: %v", err)
	}
}

// TestFacetsAndOrderRefused: fields that cannot be counted or ordered by are refused.
func TestFacetsAndOrderRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for field, req := range map[string]*accordv1.SearchRequest{
		"facets[1]": {Facets: []string{"source", "publish_time"}},
		"facets[0]": {Facets: []string{"metadata.\x00"}},
		"facets":    {Facets: []string{"source", "source"}},
		"order_by":  {OrderBy: "publish_time descending"},
	} {
		req.Query = "harbour"
		_, err := s.search.Search(callContext(t), req)
		checkFailure(t, err, invalid(field))
	}
}
