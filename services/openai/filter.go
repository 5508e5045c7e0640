package openai

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// filter is a comparison, or a combination of filters.
type filter struct {
	Type    string          `json:"type"`
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Filters []filter        `json:"filters"`
}

// fields are the keys of filters that are fields of documents. Other keys are metadata.
var fields = map[string]string{
	"accord.title": "title", "accord.source": "source", "accord.uri": "uri",
	"accord.publish_time": "publish_time", "accord.create_time": "create_time", "accord.update_time": "update_time",
}

// filterOf converts a filter of OpenAI to one of Accord. A key is the name of an attribute, which
// is metadata in Accord, one of fields, or accord.language, accord.document or accord.kind. A
// comparison with one of these three must be the whole filter, or stand directly in an "and" that
// is the whole filter.
func filterOf(data json.RawMessage, collection string) (*accordv1.Filter, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	var f filter
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, invalid("filters", "is neither a comparison nor a combination of filters: %s", clipped(strings.TrimPrefix(err.Error(), "json: ")))
	}
	all := &accordv1.Filter{}
	parts := []filter{f}
	if f.Type == "and" && len(f.Filters) > 0 && f.Key == "" && f.Value == nil {
		parts = f.Filters
	}
	for _, part := range parts {
		if err := require(all, part, collection); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// require adds a filter to all. A document must pass all filters that are added.
func require(all *accordv1.Filter, f filter, collection string) error {
	switch f.Key {
	case "accord.language":
		return f.anyOf(&all.Languages, "")
	case "accord.document":
		return f.anyOf(&all.Documents, collection+"/documents/")
	case "accord.kind":
		var names []string
		err := f.anyOf(&names, "PASSAGE_KIND_")
		for _, name := range names {
			all.Kinds = append(all.Kinds, accordv1.PassageKind(accordv1.PassageKind_value[strings.ToUpper(name)]))
		}
		return err
	}
	c, err := f.condition(1)
	all.Conditions = append(all.Conditions, c)
	return err
}

// anyOf sets field to a list of values. A document passes if one of them matches. anyOf
// fails if field is already set.
func (f filter) anyOf(field *[]string, prefix string) error {
	values, err := f.texts()
	if err != nil || f.Type != "eq" && f.Type != "in" || f.Filters != nil || *field != nil {
		return invalid("filters", "%s can be compared once, with eq and a text or with in and a list of texts", f.Key)
	}
	for _, value := range values {
		*field = append(*field, prefix+value)
	}
	return nil
}

// condition converts a filter to a condition of Accord. depth is its nesting level, from 1.
func (f filter) condition(depth int) (*accordv1.Condition, error) {
	const deepest = 5
	combines := f.Type == "and" || f.Type == "or"
	switch {
	case depth > deepest:
		return nil, invalid("filters", "may be nested at most %d deep", deepest)
	case combines && (len(f.Filters) == 0 || f.Key != "" || f.Value != nil):
		return nil, invalid("filters", "%s needs filters, and neither key nor value", f.Type)
	case !combines && (f.Key == "" || f.Value == nil || f.Filters != nil):
		return nil, invalid("filters", "a comparison needs type, key and value; %q has others", clipped(f.Type))
	case !combines:
		return f.comparison()
	}
	parts := &accordv1.Conditions{}
	for _, part := range f.Filters {
		c, err := part.condition(depth + 1)
		if err != nil {
			return nil, err
		}
		parts.Conditions = append(parts.Conditions, c)
	}
	if f.Type == "or" {
		return &accordv1.Condition{Test: &accordv1.Condition_AnyCondition{AnyCondition: parts}}, nil
	}
	return &accordv1.Condition{Test: &accordv1.Condition_AllConditions{AllConditions: parts}}, nil
}

// comparison converts a comparison of one key to a condition.
func (f filter) comparison() (*accordv1.Condition, error) {
	c := &accordv1.Condition{Field: "metadata." + f.Key}
	if strings.HasPrefix(f.Key, "accord.") {
		field, ok := fields[f.Key]
		if !ok {
			return nil, invalid("filters", "%q is not known, or can only be required beside the other filters: there are accord.title, accord.source, accord.uri, accord.publish_time, accord.create_time and accord.update_time", clipped(f.Key))
		}
		c.Field = field
	}
	switch f.Type {
	case "eq", "in", "ne", "nin":
		values, err := f.texts()
		if err != nil {
			return nil, err
		}
		if f.Type == "eq" || f.Type == "in" {
			c.Test = &accordv1.Condition_AnyOf{AnyOf: &accordv1.Values{Values: values}}
		} else {
			c.Test = &accordv1.Condition_NoneOf{NoneOf: &accordv1.Values{Values: values}}
		}
	case "gt", "gte", "lt", "lte":
		return c, f.bound(c)
	default:
		return nil, invalid("filters", "the type %q is not known: there are eq, ne, gt, gte, lt, lte, in, nin, and and or", clipped(f.Type))
	}
	return c, nil
}

// texts returns the values of eq, ne, in and nin as texts. Metadata has only texts, so numbers and
// booleans are compared as they are written.
func (f filter) texts() (texts []string, _ error) {
	data, needs := f.Value, "a list of texts, numbers or booleans"
	if f.Type != "in" && f.Type != "nin" {
		data, needs = slices.Concat([]byte("["), f.Value, []byte("]")), "a text, a number or a boolean"
	}
	var values []any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(&values)
	for _, value := range values {
		switch value := value.(type) {
		case string:
			texts = append(texts, value)
		case json.Number:
			texts = append(texts, value.String())
		case bool:
			texts = append(texts, strconv.FormatBool(value))
		}
	}
	if err != nil || len(texts) != len(values) || len(texts) == 0 {
		return nil, invalid("filters", "%s for the key %q needs %s", clipped(f.Type), clipped(f.Key), needs)
	}
	return texts, nil
}

// bound sets the test of c to a range with one bound. It is a range of times if the field is a
// time or the value is the text of one, and otherwise a range of numbers.
func (f filter) bound(c *accordv1.Condition) error {
	var number float64
	var text string
	isTime := strings.HasSuffix(c.GetField(), "_time") && !strings.HasPrefix(c.GetField(), "metadata.")
	switch {
	case string(f.Value) == "null": // json.Unmarshal would leave number at 0
	case json.Unmarshal(f.Value, &number) == nil && !isTime:
		bounds := &accordv1.NumberRange{}
		*map[string]**float64{"gt": &bounds.Gt, "gte": &bounds.Gte, "lt": &bounds.Lt, "lte": &bounds.Lte}[f.Type] = &number
		c.Test = &accordv1.Condition_Number{Number: bounds}
		return nil
	case json.Unmarshal(f.Value, &number) == nil && math.Abs(number) < 1e11:
		return f.timeBound(c, time.UnixMicro(int64(number*1e6)))
	case json.Unmarshal(f.Value, &text) == nil:
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, text); err == nil {
				return f.timeBound(c, at)
			}
		}
	}
	if isTime {
		return invalid("filters", "%s must be compared with a time such as 2024-05-31T10:00:00Z, a date, or seconds since 1970", f.Key)
	}
	return invalid("filters", "%s for the key %q needs a number, or a time such as 2024-05-31T10:00:00Z", f.Type, clipped(f.Key))
}

func (f filter) timeBound(c *accordv1.Condition, at time.Time) error {
	bounds := &accordv1.TimeRange{}
	*map[string]**timestamppb.Timestamp{"gt": &bounds.Gt, "gte": &bounds.Gte, "lt": &bounds.Lt, "lte": &bounds.Lte}[f.Type] = timestamppb.New(at)
	c.Test = &accordv1.Condition_Time{Time: bounds}
	return nil
}
