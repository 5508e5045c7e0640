package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// readArguments reads the arguments of a call, and sets those that are missing to their
// defaults. Its error says what is wrong and what to do. The SDK's own errors would be about
// JSON schema.
func readArguments(schema *jsonschema.Schema, data json.RawMessage, into any) error {
	arguments := map[string]json.RawMessage{}
	if len(data) > 0 && json.Unmarshal(data, &arguments) != nil {
		return errors.New("the arguments must be a JSON object")
	}
	if arguments == nil { // null means none
		arguments = map[string]json.RawMessage{}
	}
	if problems := problems(schema, arguments); len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	for name, property := range schema.Properties {
		switch given := arguments[name]; {
		case given == nil && property.Default != nil:
			arguments[name] = property.Default
		case given != nil && property.Type == "integer":
			arguments[name] = whole(given)
		}
	}
	all, err := json.Marshal(arguments)
	if err != nil {
		return err
	}
	return json.Unmarshal(all, into)
}

// whole returns a whole number, which may be written as 5.0 or 5e0, as 5.
func whole(number json.RawMessage) json.RawMessage {
	var n float64
	if json.Unmarshal(number, &n) != nil {
		return number
	}
	return strconv.AppendInt(nil, int64(n), 10)
}

// maxProblems is the number of problems that an error names. An error for each of the arguments
// of a request would be much longer than the request.
const maxProblems = 10

// problems returns what is wrong with the arguments of a call.
func problems(schema *jsonschema.Schema, arguments map[string]json.RawMessage) (found []string) {
	for _, name := range schema.Required {
		if _, given := arguments[name]; !given {
			found = append(found, name+": is required")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if len(found) == maxProblems {
			return append(found, "and others")
		}
		property := schema.Properties[name]
		if property == nil {
			known := strings.Join(slices.Sorted(maps.Keys(schema.Properties)), ", ")
			found = append(found, fmt.Sprintf("%s: there is no such argument; there are %s", clipped(name, 100), known))
		} else if want := unmetRequirement(property, arguments[name]); want != "" {
			found = append(found, fmt.Sprintf("%s: must be %s", name, want))
		}
	}
	return found
}

// unmetRequirement returns what a value must be but is not, such as "true or false". It returns
// "" if the value is valid.
func unmetRequirement(schema *jsonschema.Schema, data json.RawMessage) string {
	var value any
	if json.Unmarshal(data, &value) != nil {
		return "JSON"
	}
	switch schema.Type {
	case "string":
		return unmetTextRequirement(schema, value)
	case "integer", "number":
		return unmetNumberRequirement(schema, value)
	case "boolean":
		if _, ok := value.(bool); !ok {
			return "true or false"
		}
	case "object":
		values, ok := value.(map[string]any)
		for _, v := range values {
			_, text := v.(string)
			ok = ok && text
		}
		if !ok {
			return "an object whose values are texts"
		}
	case "array":
		return unmetListRequirement(schema, value)
	}
	return ""
}

func unmetTextRequirement(schema *jsonschema.Schema, value any) string {
	text, ok := value.(string)
	if len(schema.Enum) == 0 {
		if !ok {
			return "a text"
		}
		return ""
	}
	if ok && slices.Contains(schema.Enum, any(text)) {
		return ""
	}
	var names []string
	for _, name := range schema.Enum {
		names = append(names, fmt.Sprint(name))
	}
	return "one of " + strings.Join(names, ", ")
}

func unmetNumberRequirement(schema *jsonschema.Schema, value any) string {
	n, ok := value.(float64)
	if ok && (schema.Type == "number" || n == float64(int64(n))) && n >= *schema.Minimum && n <= *schema.Maximum {
		return ""
	}
	kind := map[string]string{"integer": "a whole number", "number": "a number"}[schema.Type]
	return fmt.Sprintf("%s from %v to %v", kind, int64(*schema.Minimum), int64(*schema.Maximum))
}

func unmetListRequirement(schema *jsonschema.Schema, value any) string {
	list, ok := value.([]any)
	if !ok {
		return "a list"
	}
	if least, most := schema.MinItems, schema.MaxItems; most != nil && (len(list) > *most || len(list) < *least) {
		return fmt.Sprintf("a list of %d to %d", *least, *most)
	}
	for _, element := range list {
		if want := unmetTextRequirement(schema.Items, element); want != "" {
			return "a list, each element " + want
		}
	}
	return ""
}
