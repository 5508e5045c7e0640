package gateway

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// strictQuery reads the query parameters of a URL. It refuses unknown ones, and fields that are in
// the path or the body.
type strictQuery struct{ runtime.DefaultQueryParser }

// Parse implements runtime.QueryParameterParser. elsewhere has the fields in the path and the body.
func (s strictQuery) Parse(msg proto.Message, values url.Values, elsewhere *utilities.DoubleArray) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		path, key, keyed := strings.Cut(name, "[") // a key of a map follows in brackets
		first, _, _ := strings.Cut(path, ".")
		message := msg.ProtoReflect().Descriptor()
		field := fieldAt(message, path)
		switch {
		case field == nil || keyed && !field.IsMap() && !isMessages(field):
			return fmt.Errorf("unknown query parameter %.100q", name)
		case isMessages(field):
			return fmt.Errorf("%.100q cannot be a query parameter; send it as JSON in the body of a POST, such as documents:list", name)
		case elsewhere.HasCommonPrefix([]string{string(fieldOf(message, first).Name())}):
			return fmt.Errorf("%.100q cannot be a query parameter; it is in the path or the body", name)
		case field.IsMap() && (!keyed || strings.IndexAny(key, "[]") != len(key)-1): // the parser would ignore it
			return fmt.Errorf("the query parameter %.100q must be %s[key]=value, with no brackets in the key", name, path)
		case !field.IsList() && len(values[name]) > 1:
			return fmt.Errorf("the query parameter %.100q has one value, but is there %d times", name, len(values[name]))
		}
		alone := msg.ProtoReflect().New().Interface()
		if s.DefaultQueryParser.Parse(alone, url.Values{name: values[name]}, elsewhere) != nil {
			return fmt.Errorf("the query parameter %.100q must be %s", name, wanted(field, path))
		}
	}
	return s.DefaultQueryParser.Parse(msg, values, elsewhere)
}

// wanted describes the values of a field that is at a path.
func wanted(field protoreflect.FieldDescriptor, path string) string {
	switch kind := field.Kind(); {
	case kind == protoreflect.BoolKind:
		return "true or false"
	case kind == protoreflect.EnumKind:
		var names []string
		for i := range field.Enum().Values().Len() {
			names = append(names, string(field.Enum().Values().Get(i).Name()))
		}
		return "one of " + strings.Join(names, ", ")
	case isTime(field):
		return "a time in the years 1 to 9999, such as 2024-06-29T01:21:00Z"
	case kind == protoreflect.MessageKind:
		return "one of its fields, such as " + path + "." + field.Message().Fields().Get(0).JSONName()
	case kind == protoreflect.Int32Kind:
		return "a whole number, at most 2147483647"
	default:
		return "of the kind " + kind.String()
	}
}

// fieldAt returns the field of a message with a path, such as filter.languages, or nil. If the
// path leads through a list of messages, it returns that list.
func fieldAt(message protoreflect.MessageDescriptor, path string) protoreflect.FieldDescriptor {
	name, rest, nested := strings.Cut(path, ".")
	field := fieldOf(message, name)
	if field == nil || !nested || isMessages(field) {
		return field
	}
	if field.Message() == nil || field.IsMap() || isTime(field) {
		return nil
	}
	return fieldAt(field.Message(), rest)
}

// fieldOf returns the field of a message with a name, or nil.
func fieldOf(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if field := message.Fields().ByTextName(name); field != nil {
		return field
	}
	return message.Fields().ByJSONName(name)
}

func isMessages(field protoreflect.FieldDescriptor) bool {
	return field.IsList() && field.Message() != nil
}

// isTime reports whether a field is a time, which a URL has as one value and not as seconds and
// nanoseconds.
func isTime(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && field.Message().FullName() == "google.protobuf.Timestamp"
}
