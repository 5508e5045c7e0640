// Package shipped holds vectors of the texts of package background, as the default
// model makes them. A new space of that model takes them from here, and its first
// document waits for no other texts. The vectors are of use for these weights and
// no other: a space is told by its fingerprint.
//
// Each kind of texts has a file a language. The generator beside it writes them, by
// `make reference-vectors`.
package shipped

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
)

// Kind is what texts are embedded as.
type Kind string

// The kinds.
const (
	// Passages are windows of passages, embedded as passages are.
	Passages Kind = "passages"
	// Queries are whole queries, embedded as queries are.
	Queries Kind = "queries"
)

//go:embed vectors/*.bin
var files embed.FS

const (
	folder = "vectors"
	// fingerprintFile holds the fingerprint of the model that made all others.
	fingerprintFile = "fingerprint.bin"
	// sameWeights is the least cosine over all probes at which two fingerprints are
	// of the same weights. The same weights on another server have .9999, and
	// weights that were rounded to four bits .98 with what they were before.
	sameWeights = .999
)

func fileName(kind Kind, language string) string { return string(kind) + "-" + language + ".bin" }

// Set holds vectors of unit length by their texts. The zero Set holds none.
type Set struct{ vectors map[key][]float32 }

// Load returns the vectors of all texts of a kind in some languages, primary
// subtags, for a space with a fingerprint (see embed.Encoder.Fingerprint). The set
// is empty if other weights made that fingerprint.
func Load(fingerprint [][]float32, kind Kind, languages ...string) Set {
	if !Known(fingerprint) {
		return Set{}
	}
	set := Set{map[key][]float32{}}
	for _, language := range languages {
		keys, vectors := load(fileName(kind, language))
		for i, k := range keys {
			set.vectors[k] = vectors[i]
		}
	}
	return set
}

// Vector returns the vector of a text, without the model's prefix; nil if the set
// has none.
func (s Set) Vector(text string) []float32 { return slices.Clone(s.vectors[keyOf(text)]) }

// Len returns how many texts the set has.
func (s Set) Len() int { return len(s.vectors) }

// Known reports whether a fingerprint is that of the weights that made the vectors.
func Known(fingerprint [][]float32) bool {
	own := Fingerprint()
	if len(own) == 0 || len(fingerprint) != len(own) {
		return false
	}
	for i, probe := range fingerprint {
		if len(probe) != len(own[i]) || dot(probe, own[i]) < sameWeights {
			return false
		}
	}
	return true
}

// Fingerprint returns the fingerprint of the model that made the vectors.
func Fingerprint() [][]float32 {
	_, vectors := load(fingerprintFile)
	return vectors
}

// load reads a file; it returns nothing if there is none.
func load(name string) ([]key, [][]float32) {
	content, err := files.ReadFile(folder + "/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	keys, vectors, err := decode(content)
	if err != nil {
		panic("shipped vectors: " + name + ": " + err.Error()) // so is the file, and a test reads it
	}
	return keys, vectors
}

// dot is the cosine of vectors of unit length.
func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
