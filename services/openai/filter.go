package openai

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// maxDepth is how deep filters may be nested.
const maxDepth = 5

// filter is a comparison, or a combination of filters.
type filter struct {
	Type    string          `json:"type"`
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Filters []filter        `json:"filters"`
}

// filterOf returns Accord's filter for one of OpenAI's. Keys are those of the attributes, which
// are the metadata, or accord.language, accord.source, accord.document, accord.kind and
// accord.publish_time. It refuses what no filter of Accord can say.
func filterOf(data json.RawMessage, collection string) (*accordv1.Filter, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	var f filter
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, invalid("filters", "is no comparison and no combination of filters: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	all := &accordv1.Filter{}
	return all, require(all, f, collection, 1)
}

// require adds a filter to those that must all hold.
func require(all *accordv1.Filter, f filter, collection string, depth int) error {
	switch {
	case depth > maxDepth:
		return invalid("filters", "may be nested at most %d deep", maxDepth)
	case f.Type == "and" && len(f.Filters) > 0 && f.Key == "" && f.Value == nil:
		for _, part := range f.Filters {
			if err := require(all, part, collection, depth+1); err != nil {
				return err
			}
		}
		return nil
	case f.Type == "or":
		return invalid("filters", "or is not possible; for several values of one key use in")
	case f.Key == "" || f.Value == nil || f.Filters != nil:
		return invalid("filters", "a comparison needs type, key and value, and a combination needs type and filters; %q has others", clipped(f.Type))
	}
	switch f.Key {
	case "accord.language":
		return anyOf(&all.Languages, f, "")
	case "accord.source":
		return anyOf(&all.Sources, f, "")
	case "accord.document":
		return anyOf(&all.Documents, f, collection+"/documents/")
	case "accord.kind":
		return f.kinds(all)
	case "accord.publish_time":
		return f.published(all)
	default:
		return f.metadata(all)
	}
}

// texts returns the values of eq and in.
func (f filter) texts() ([]string, error) {
	var one string
	var several []string
	switch {
	case f.Type == "eq" && json.Unmarshal(f.Value, &one) == nil:
		return []string{one}, nil
	case f.Type == "in" && json.Unmarshal(f.Value, &several) == nil && len(several) > 0:
		return several, nil
	default:
		return nil, invalid("filters", "%s with the value %s is not possible for the key %q: use eq with a text, or in with a list of texts", f.Type, clipped(string(f.Value)), clipped(f.Key))
	}
}

// anyOf sets a list of which one value must match. It can be set once.
func anyOf(field *[]string, f filter, prefix string) error {
	values, err := f.texts()
	if err != nil {
		return err
	}
	if *field != nil {
		return invalid("filters", "%q may be compared once; for several values use in", f.Key)
	}
	for _, value := range values {
		*field = append(*field, prefix+value)
	}
	return nil
}

func (f filter) kinds(all *accordv1.Filter) error {
	var names []string
	if err := anyOf(&names, f, "PASSAGE_KIND_"); err != nil {
		return err
	}
	for _, name := range names {
		kind, ok := accordv1.PassageKind_value[strings.ToUpper(name)]
		if !ok {
			return invalid("filters", "accord.kind must be paragraph, article, heading or caption")
		}
		all.Kinds = append(all.Kinds, accordv1.PassageKind(kind))
	}
	return nil
}

// published sets the earliest or the latest time of publication. Times are stored in
// microseconds.
func (f filter) published(all *accordv1.Filter) error {
	at, err := f.time()
	if err != nil {
		return err
	}
	if f.Type == "gt" || f.Type == "lte" {
		at = at.Add(time.Microsecond)
	}
	field := &all.PublishedAfter
	switch f.Type {
	case "gt", "gte":
	case "lt", "lte":
		field = &all.PublishedBefore
	default:
		return invalid("filters", "accord.publish_time can be compared with gt, gte, lt and lte")
	}
	if *field != nil {
		return invalid("filters", "accord.publish_time may have one lower and one upper bound")
	}
	*field = timestamppb.New(at)
	return nil
}

// time reads a value that is a time: a text as in RFC 3339, a date, or seconds since 1970.
func (f filter) time() (time.Time, error) {
	var seconds float64
	var text string
	if json.Unmarshal(f.Value, &seconds) == nil && math.Abs(seconds) < 1e11 {
		return time.UnixMicro(int64(seconds * 1e6)).UTC(), nil
	}
	if json.Unmarshal(f.Value, &text) == nil {
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, text); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, invalid("filters", "accord.publish_time must be compared with a time such as 2024-05-31T10:00:00Z, a date, or seconds since 1970")
}

func (f filter) metadata(all *accordv1.Filter) error {
	if strings.HasPrefix(f.Key, "accord.") {
		return invalid("filters", "%q is not known: there are accord.language, accord.source, accord.document, accord.kind and accord.publish_time", clipped(f.Key))
	}
	values, err := f.texts()
	if err != nil {
		return err
	}
	if len(values) > 1 {
		return invalid("filters", "in is not possible for the key %q; use eq", clipped(f.Key))
	}
	if all.Metadata == nil {
		all.Metadata = map[string]string{}
	}
	if before, ok := all.Metadata[f.Key]; ok && before != values[0] {
		return invalid("filters", "%q may be compared once", clipped(f.Key))
	}
	all.Metadata[f.Key] = values[0]
	return nil
}
