package gateway

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
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
			err = errors.New("something follows the value")
		}
		if err != nil {
			return fmt.Errorf("the body is not JSON of this method's request: %s", jsonProblem(err))
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

// jsonProblem returns the message of an error of protojson, without the name of that library and
// the kind of space after it, which changes from build to build.
func jsonProblem(err error) string {
	return strings.TrimSpace(strings.TrimPrefix(err.Error(), "proto:"))
}
