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

// jsonLines is the type of a stream of JSON values, one a line.
const jsonLines = "application/x-ndjson"

// json is the JSON of protobuf. Fields without a value are left out, as grpcurl does, and
// unknown ones are refused.
type json struct{ *runtime.JSONPb }

func newJSON() json { return json{&runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{}}} }

// Marshal encodes a message, or a message of a stream without what grpc-gateway puts around
// it.
func (j json) Marshal(v any) ([]byte, error) {
	if line, ok := v.(map[string]any); ok {
		v = line["result"]
	}
	return j.JSONPb.Marshal(v)
}

// StreamContentType returns the type of a stream.
func (json) StreamContentType(any) string { return jsonLines }

// NewDecoder decodes one value, and refuses more behind it.
func (j json) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(data)) == 0 {
			return io.EOF // an empty request
		}
		if err = j.Unmarshal(data, v); err == nil && !stdjson.Valid(data) { // Unmarshal reads one value
			err = errors.New("there is more behind it")
		}
		if err != nil {
			return fmt.Errorf("the body is no JSON of this method's request: %w", err)
		}
		return nil
	})
}

// strictQuery reads the parameters behind the ? of a URL, and refuses unknown ones.
type strictQuery struct{ runtime.DefaultQueryParser }

// Parse implements runtime.QueryParameterParser.
func (s strictQuery) Parse(msg proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	for name := range values {
		path, _, _ := strings.Cut(name, "[") // the key of a map
		if !hasField(msg.ProtoReflect().Descriptor(), path) {
			return fmt.Errorf("unknown query parameter %q", name)
		}
	}
	return s.DefaultQueryParser.Parse(msg, values, filter)
}

// hasField reports whether a message has a field, such as filter.languages.
func hasField(message protoreflect.MessageDescriptor, path string) bool {
	name, rest, nested := strings.Cut(path, ".")
	field := message.Fields().ByTextName(name)
	if field == nil {
		field = message.Fields().ByJSONName(name)
	}
	return field != nil && (!nested || field.Message() != nil && hasField(field.Message(), rest))
}
