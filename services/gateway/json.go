package gateway

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// jsonLines is the media type of a stream of JSON values, one per line.
const jsonLines = "application/x-ndjson"

// json encodes and decodes the JSON of protobuf. It leaves out fields without a value, as
// grpcurl does, and refuses unknown fields.
type json struct{ *runtime.JSONPb }

func newJSON() json { return json{&runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{}}} }

// Marshal encodes a message. It removes the object with the key "result" in which grpc-gateway
// wraps the messages of a stream.
func (j json) Marshal(v any) ([]byte, error) {
	if line, ok := v.(map[string]any); ok {
		v = line["result"]
	}
	return j.JSONPb.Marshal(v)
}

// StreamContentType returns the media type of a stream.
func (json) StreamContentType(any) string { return jsonLines }

// NewDecoder returns a decoder of one value. Anything after the value is an error.
func (j json) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		data, err := bytesOf(r)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(data)) == 0 {
			return io.EOF // an empty request
		}
		if err = j.Unmarshal(data, v); err == nil && !stdjson.Valid(data) { // Unmarshal ignores what follows the value
			err = errors.New("there is more behind it")
		}
		if err != nil {
			return fmt.Errorf("the body is no JSON of this method's request: %w", err)
		}
		return nil
	})
}

// bytesOf returns the bytes of a reader. It does not copy a body that is in memory, since only
// the memory of the body itself is counted.
func bytesOf(r io.Reader) ([]byte, error) {
	if body, ok := r.(*arrivedBody); ok {
		return body.data, nil
	}
	return io.ReadAll(r)
}

// strictQuery reads the query parameters of a URL. It refuses unknown ones, and fields that are in
// the path or the body.
type strictQuery struct{ runtime.DefaultQueryParser }

// Parse implements runtime.QueryParameterParser. elsewhere has the fields in the path and the body.
func (s strictQuery) Parse(msg proto.Message, values url.Values, elsewhere *utilities.DoubleArray) error {
	for name := range values {
		path, _, keyed := strings.Cut(name, "[") // a key of a map follows in brackets
		first, _, _ := strings.Cut(path, ".")
		message := msg.ProtoReflect().Descriptor()
		switch field := fieldAt(message, path); {
		case field == nil || keyed && !field.IsMap() && !isMessages(field):
			return fmt.Errorf("unknown query parameter %q", name)
		case isMessages(field):
			return fmt.Errorf("%q cannot be a query parameter; send it as JSON in the body of a POST, such as documents:list", name)
		case elsewhere.HasCommonPrefix([]string{string(fieldOf(message, first).Name())}):
			return fmt.Errorf("%q cannot be a query parameter; it is in the path or the body", name)
		}
	}
	return s.DefaultQueryParser.Parse(msg, values, elsewhere)
}

// fieldAt returns the field of a message with a path, such as filter.languages, or nil. If the
// path leads through a list of messages, it returns that list.
func fieldAt(message protoreflect.MessageDescriptor, path string) protoreflect.FieldDescriptor {
	name, rest, nested := strings.Cut(path, ".")
	field := fieldOf(message, name)
	if field == nil || !nested || isMessages(field) {
		return field
	}
	if field.Message() == nil {
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
