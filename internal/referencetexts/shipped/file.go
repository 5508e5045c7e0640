package shipped

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// A file consists of the magic, the number of dimensions in two bytes, and for each
// text its key and one signed byte for each dimension. The bytes are in units of
// 1/127 of the vector's largest number; scaling the vector to unit length removes
// that factor. Numbers are little-endian. Rounding changes the cosine of a vector
// with 384 dimensions by less than .0001.
const (
	magic = "accord vectors 1\n"
	steps = math.MaxInt8
)

// key is the beginning of a digest of a text. A text that was changed therefore has no vector
// until the files are generated again.
type key [8]byte

func keyOf(text string) key {
	sum := sha256.Sum256([]byte(text))
	return key(sum[:len(key{})])
}

// Write replaces the file of a kind and language in a folder. vectors holds the unit
// vector of each text, all with the same number of dimensions. A text that occurs
// twice is stored once.
func Write(folder string, kind Kind, language string, texts []string, vectors [][]float32) error {
	return write(filepath.Join(folder, fileName(kind, language)), texts, vectors)
}

// WriteFingerprint replaces the file with the fingerprint of the model that made the
// vectors.
func WriteFingerprint(folder string, fingerprint [][]float32) error {
	probes := make([]string, len(fingerprint))
	for i := range probes {
		probes[i] = "probe " + strconv.Itoa(i)
	}
	return write(filepath.Join(folder, fingerprintFile), probes, fingerprint)
}

func write(path string, texts []string, vectors [][]float32) error {
	if len(texts) == 0 || len(texts) != len(vectors) {
		return fmt.Errorf("%s: %d vectors for %d texts", path, len(vectors), len(texts))
	}
	return os.WriteFile(path, encode(texts, vectors), 0o644)
}

func encode(texts []string, vectors [][]float32) []byte {
	content := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(vectors[0])))
	written := map[key]bool{}
	for i, vector := range vectors {
		k := keyOf(texts[i])
		if written[k] {
			continue
		}
		written[k] = true
		var largest float32
		for _, x := range vector {
			largest = max(largest, x, -x)
		}
		content = append(content, k[:]...)
		for _, x := range vector {
			content = append(content, byte(int8(math.Round(float64(x/largest*steps)))))
		}
	}
	return content
}

// decode returns the keys of a file and its vectors, scaled to unit length.
func decode(content []byte) (keys []key, vectors [][]float32, err error) {
	rest, found := bytes.CutPrefix(content, []byte(magic))
	if !found || len(rest) < 2 {
		return nil, nil, errors.New("is not a file of vectors")
	}
	dimensions := int(binary.LittleEndian.Uint16(rest))
	rest = rest[2:]
	const head = len(key{})
	if dimensions == 0 || len(rest)%(head+dimensions) != 0 {
		return nil, nil, fmt.Errorf("has %d bytes, which is not a whole number of vectors with %d dimensions", len(content), dimensions)
	}
	for ; len(rest) > 0; rest = rest[head+dimensions:] {
		keys = append(keys, key(rest[:head]))
		vectors = append(vectors, unit(rest[head:head+dimensions]))
	}
	return keys, vectors, nil
}

// unit scales a vector of signed bytes to unit length.
func unit(signed []byte) []float32 {
	var squares float64
	for _, b := range signed {
		squares += float64(int8(b)) * float64(int8(b))
	}
	vector := make([]float32, len(signed))
	if squares == 0 {
		return vector
	}
	length := math.Sqrt(squares)
	for i, b := range signed {
		vector[i] = float32(float64(int8(b)) / length)
	}
	return vector
}
