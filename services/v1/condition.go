package v1

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// Limits of the conditions of a filter. They are checked here because a rule in the protos
// cannot count nested messages.
const (
	maxConditionDepth = 5
	maxConditions     = 100
)

// conditionReader decodes the conditions of a filter, which have passed the rules in the
// protos.
type conditionReader struct{ count int }

// read decodes a list of conditions. depth is its nesting level, from 1, and path is its field.
func (r *conditionReader) read(path string, list []*accordv1.Condition, depth int) (out []document.Condition, err error) {
	if depth > maxConditionDepth {
		return nil, &document.FieldError{Field: path, Problem: fmt.Sprintf("is nested more than %d deep; combine the conditions in fewer levels", maxConditionDepth)}
	}
	for i, in := range list {
		if r.count++; r.count > maxConditions {
			return nil, &document.FieldError{Field: path, Problem: fmt.Sprintf("has more than %d conditions in all; test several values of a field with one any_of", maxConditions)}
		}
		c, err := r.condition(fmt.Sprintf("%s[%d]", path, i), in, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (r *conditionReader) condition(path string, in *accordv1.Condition, depth int) (c document.Condition, err error) {
	if c.Field, err = normalised(path+".field", in.GetField()); err != nil {
		return c, err
	}
	switch test := in.GetTest().(type) {
	case *accordv1.Condition_AnyOf:
		c.Test = document.TestAnyOf
		c.Values, err = toValues(path+".any_of", test.AnyOf)
	case *accordv1.Condition_NoneOf:
		c.Test, c.Not = document.TestAnyOf, true
		c.Values, err = toValues(path+".none_of", test.NoneOf)
	case *accordv1.Condition_Exists:
		c.Test, c.Not = document.TestExists, !test.Exists
	case *accordv1.Condition_Number:
		c.Test, c.Numbers = document.TestNumber, toNumbers(test.Number)
	case *accordv1.Condition_Time:
		c.Test = document.TestTime
		c.Times, err = toTimes(path+".time", test.Time)
	case *accordv1.Condition_AnyCondition:
		c.Test = document.TestAny
		c.Conditions, err = r.read(path+".any_condition.conditions", test.AnyCondition.GetConditions(), depth+1)
	case *accordv1.Condition_AllConditions:
		c.Test = document.TestAll
		c.Conditions, err = r.read(path+".all_conditions.conditions", test.AllConditions.GetConditions(), depth+1)
	case *accordv1.Condition_NoCondition:
		c.Test, c.Not = document.TestAny, true
		c.Conditions, err = r.read(path+".no_condition.conditions", test.NoCondition.GetConditions(), depth+1)
	}
	return c, err
}

// normalised returns a text as documents store it. It refuses NUL, which Postgres cannot
// compare.
func normalised(field, text string) (string, error) {
	if strings.ContainsRune(text, 0) {
		return "", &document.FieldError{Field: field, Problem: "contains NUL (U+0000); remove it"}
	}
	return norm.NFC.String(text), nil
}

func toValues(path string, in *accordv1.Values) (out []string, err error) {
	out = make([]string, len(in.GetValues()))
	for i, value := range in.GetValues() {
		if out[i], err = normalised(fmt.Sprintf("%s.values[%d]", path, i), value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func toNumbers(in *accordv1.NumberRange) (out []document.Bound[float64]) {
	for _, b := range []struct {
		side  document.Side
		value *float64
	}{{document.Above, in.Gt}, {document.AtLeast, in.Gte}, {document.Below, in.Lt}, {document.AtMost, in.Lte}} {
		if b.value != nil {
			out = append(out, document.Bound[float64]{Side: b.side, Value: *b.value})
		}
	}
	return out
}

func toTimes(path string, in *accordv1.TimeRange) (out []document.Bound[time.Time], err error) {
	for _, b := range []struct {
		name string
		side document.Side
		at   *timestamppb.Timestamp
	}{{".gt", document.Above, in.GetGt()}, {".gte", document.AtLeast, in.GetGte()}, {".lt", document.Below, in.GetLt()}, {".lte", document.AtMost, in.GetLte()}} {
		if b.at == nil {
			continue
		}
		at, err := toTime(path+b.name, b.at)
		if err != nil {
			return nil, err
		}
		out = append(out, document.Bound[time.Time]{Side: b.side, Value: at})
	}
	return out, nil
}
