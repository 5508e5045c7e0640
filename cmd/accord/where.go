package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// where is a condition of a filter, as --where takes it: FIELD=VALUE|VALUE, FIELD!=VALUE,
// FIELD>=BOUND, FIELD>BOUND, FIELD<=BOUND, FIELD<BOUND, FIELD or !FIELD.
type where struct{ *accordv1.Condition }

var whereRE = regexp.MustCompile(`(?s)^(.*?)(!=|>=|<=|=|>|<)(.*)$`)

// UnmarshalText implements encoding.TextUnmarshaler for kong.
func (w *where) UnmarshalText(text []byte) error {
	w.Condition = &accordv1.Condition{}
	parts := whereRE.FindSubmatch(text)
	if parts == nil {
		field, absent := strings.CutPrefix(string(text), "!")
		w.Field, w.Test = strings.TrimSpace(field), &accordv1.Condition_Exists{Exists: !absent}
	} else {
		w.Field = strings.TrimSpace(string(parts[1]))
	}
	if w.GetField() == "" {
		return fmt.Errorf("%q has no field; write a condition such as metadata.topic=trade, source!=Xinhua or \"metadata.price>=10\"", text)
	}
	if parts == nil {
		return nil
	}
	operator, value := string(parts[2]), string(parts[3])
	switch operator {
	case "=":
		w.Test = &accordv1.Condition_AnyOf{AnyOf: &accordv1.Values{Values: strings.Split(value, "|")}}
	case "!=":
		w.Test = &accordv1.Condition_NoneOf{NoneOf: &accordv1.Values{Values: strings.Split(value, "|")}}
	default:
		return w.compare(operator, strings.TrimSpace(value))
	}
	return nil
}

// compare sets the test to a comparison with a number or a time.
func (w *where) compare(operator, bound string) error {
	if n, err := strconv.ParseFloat(bound, 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
		numbers := &accordv1.NumberRange{}
		*map[string]**float64{">": &numbers.Gt, ">=": &numbers.Gte, "<": &numbers.Lt, "<=": &numbers.Lte}[operator] = &n
		w.Test = &accordv1.Condition_Number{Number: numbers}
		return nil
	}
	var m moment
	if m.UnmarshalText([]byte(bound)) != nil {
		return fmt.Errorf("%s%s%s compares with %q, which is neither a number nor a time such as 2024-05-31 or 2024-05-31T10:00:00Z", w.GetField(), operator, bound, bound)
	}
	times := &accordv1.TimeRange{}
	*map[string]**timestamppb.Timestamp{">": &times.Gt, ">=": &times.Gte, "<": &times.Lt, "<=": &times.Lte}[operator] = timestamppb.New(m.Time)
	w.Test = &accordv1.Condition_Time{Time: times}
	return nil
}
