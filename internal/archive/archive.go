// Package archive implements the file format of exported collections: JSON Lines,
// optionally compressed, in which digests reveal every change. A Writer can continue a file
// whose writing was interrupted. The package does not interpret the documents, and does not
// talk to a server. docs/backup.md describes the format.
package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"
)

// Version is the version of the format that this package writes. It reads this version
// and all earlier ones.
const Version = 1

// Header is the first line of a file. Collection, Spaces and VectorSpace are messages of
// the API in their JSON form.
type Header struct {
	Version    int             `json:"accord_export"`
	CreateTime time.Time       `json:"create_time"`
	Collection json.RawMessage `json:"collection"`
	// Spaces are all spaces of the collection.
	Spaces []json.RawMessage `json:"spaces"`
	// Passages reports whether the entries have passages.
	Passages bool `json:"passages"`
	// VectorSpace is the space of the entries' vectors, with its fingerprint. It is
	// absent if they have none.
	VectorSpace json.RawMessage `json:"vector_space,omitempty"`
}

// Entry is a line with one document. All parts are in the JSON form of the API, except
// for passages.
type Entry struct {
	Document json.RawMessage `json:"document"`
	Passages []Passage       `json:"passages,omitempty"`
	// Vectors has a message for each window of the document, in order.
	Vectors []json.RawMessage `json:"vectors,omitempty"`
}

// Passage is where a passage begins and ends. It is for other readers of the file: an
// import ignores it and cuts the documents again.
type Passage struct {
	Ordinal   int      `json:"ordinal"`
	Kind      string   `json:"kind"`
	Label     string   `json:"label,omitempty"`
	LabelPath []string `json:"label_path,omitempty"`
	Start     int      `json:"start"` // in code points
	End       int      `json:"end"`
	StartByte int      `json:"start_byte"` // in bytes of UTF-8
	EndByte   int      `json:"end_byte"`
}

// last is the last line of a file.
type last struct {
	End struct {
		Documents int `json:"documents"`
		// Digest is the digest of all bytes of the uncompressed file before this line.
		Digest string `json:"digest"`
	} `json:"end"`
}

// The first line of a file begins with headerPrefix, and the last one with lastPrefix.
const (
	headerPrefix = `{"accord_export":`
	lastPrefix   = `{"end":`
)

// maxLine is the maximum length of a line in bytes. The longest document takes less, even
// with all its vectors, which are at most 64 MiB when they are sent.
const maxLine = 192 << 20

// Each line ends with a suffix of sealLength bytes, such as ,"digest":"sha256:0f…"}. The
// digest is that of the bytes of the line before the suffix.
const (
	digestName   = `,"digest":"`
	digestPrefix = "sha256:"
	sealLength   = len(digestName) + len(digestPrefix) + 2*sha256.Size + len(`"}`)
)

// seal returns a value as a line: a JSON object with its digest, and a newline.
func seal(value any) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode a line: %w", err)
	}
	body := bytes.TrimSuffix(buf.Bytes(), []byte("}\n"))
	return fmt.Appendf(body, "%s%s\"}\n", digestName, digestOf(body)), nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return digestPrefix + hex.EncodeToString(sum[:])
}

func sumOf(h hash.Hash) string { return digestPrefix + hex.EncodeToString(h.Sum(nil)) }

// unseal checks the digest of a line without newline, and returns its object without the
// digest.
func unseal(line []byte) ([]byte, error) {
	cut := len(line) - sealLength
	if cut < 0 || !bytes.HasPrefix(line[cut:], []byte(digestName)) {
		return nil, errors.New("has no digest at its end: the line was cut off or changed")
	}
	given := string(line[cut+len(digestName) : len(line)-len(`"}`)])
	if given != digestOf(line[:cut]) {
		return nil, errors.New("does not have the digest at its end: the line was changed or damaged")
	}
	return append(line[:cut:cut], '}'), nil
}

// decode decodes an object. It refuses unknown fields, unless lenient is set.
func decode(object []byte, into any, lenient bool) error {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if !lenient {
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(into)
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		return &UnknownFieldError{Err: err}
	}
	return err
}

// UnknownFieldError means that a file has a field that this version does not know.
type UnknownFieldError struct{ Err error }

// Error implements error.
func (e *UnknownFieldError) Error() string {
	return fmt.Sprintf("%s: a newer version of Accord wrote the file; import it with that version, or leave out what is unknown with --ignore-unknown",
		strings.TrimPrefix(e.Err.Error(), "json: "))
}

// Unwrap returns the decoder's error.
func (e *UnknownFieldError) Unwrap() error { return e.Err }
