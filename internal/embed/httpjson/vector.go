package httpjson

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/accord-search/accord/internal/embed/driver"
)

// MaxVector bounds the JSON of one vector, in bytes: 8,192 numbers of up to 30
// characters.
const MaxVector = 8192 * 30

// ParseVector parses a vector in JSON: an array of numbers, or base64 of
// little-endian float32s.
func ParseVector(raw json.RawMessage) ([]float32, error) {
	// encoding/json would parse null as 0, but servers write null for NaN.
	if len(raw) == 0 || bytes.Contains(raw, []byte("null")) {
		return nil, errors.New("missing, or holds null")
	}
	if raw[0] == '"' {
		return parseBase64(raw)
	}
	if vector, ok := parseNumbers(raw); ok {
		return vector, nil
	}
	var vector []float32
	if err := json.Unmarshal(raw, &vector); err != nil {
		return nil, err
	}
	return vector, nil
}

// parseNumbers parses an array of plain numbers. ok is false for anything else. It
// takes a quarter of the time of encoding/json, which was a third of the time of an
// ingest.
func parseNumbers(raw []byte) (vector []float32, ok bool) {
	inner, opened := bytes.CutPrefix(raw, []byte("["))
	inner, closed := bytes.CutSuffix(inner, []byte("]"))
	if !opened || !closed {
		return nil, false
	}
	vector = make([]float32, 0, 1+bytes.Count(inner, []byte(",")))
	for part := range bytes.SplitSeq(inner, []byte(",")) {
		part = bytes.TrimSpace(part)
		if len(part) == 0 || len(bytes.Trim(part, "0123456789+-.eE")) > 0 {
			return nil, false
		}
		n, err := strconv.ParseFloat(string(part), 32)
		if err != nil {
			return nil, false
		}
		vector = append(vector, float32(n))
	}
	return vector, true
}

func parseBase64(raw json.RawMessage) ([]float32, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, err
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(packed)%4 != 0 {
		return nil, fmt.Errorf("%d bytes of base64 are not a whole number of float32s", len(packed))
	}
	vector := make([]float32, len(packed)/4)
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(packed[4*i:]))
	}
	return vector, nil
}

// ParseVectors parses the vectors of n texts, in order. Errors wrap
// driver.ErrMalformed.
func ParseVectors(raw []json.RawMessage, n int) ([][]float32, error) {
	if len(raw) != n {
		return nil, fmt.Errorf("%w: %d vectors for %d texts", driver.ErrMalformed, len(raw), n)
	}
	vectors := make([][]float32, n)
	for i, one := range raw {
		vector, err := ParseVector(one)
		if err != nil {
			return nil, fmt.Errorf("%w: vector %d of %d: %w", driver.ErrMalformed, i+1, n, err)
		}
		vectors[i] = vector
	}
	return vectors, nil
}
