// Package shipped holds vectors of the texts of package referencetexts, made by the default
// model. A new space of that model uses them, so that its first document does not wait
// until the reference texts are embedded. The vectors are valid only for the same weights.
// Load compares a space's fingerprint to find out.
//
// There is a file for each kind and language. The generator in this folder writes them; run
// `make reference-vectors`.
package shipped

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
)

// Kind is how texts are embedded.
type Kind string

// The kinds.
const (
	// Passages are windows of passages, embedded like passages.
	Passages Kind = "passages"
	// Queries are whole queries, embedded like queries.
	Queries Kind = "queries"
)

//go:embed vectors/*.bin
var files embed.FS

const (
	folder = "vectors"
	// fingerprintFile holds the fingerprint of the model that made all other files.
	fingerprintFile = "fingerprint.bin"
	// sameWeights is the lowest cosine over all probes at which two fingerprints count as
	// made by the same weights. The same weights on another server have .9999; weights and
	// their version rounded to four bits have .98.
	sameWeights = .999
)

func fileName(kind Kind, language string) string { return string(kind) + "-" + language + ".bin" }

// Set maps texts to vectors of unit length. The zero Set is empty.
type Set struct{ vectors map[key][]float32 }

// Load returns the vectors of all texts of a kind in the given languages (primary subtags),
// for a space with a fingerprint (see embed.Encoder.Fingerprint). The set is empty if the
// fingerprint was made by other weights.
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

// Vector returns the vector of a text without the model's prefix, or nil if the set
// has none.
func (s Set) Vector(text string) []float32 { return slices.Clone(s.vectors[keyOf(text)]) }

// Len returns the number of vectors in the set.
func (s Set) Len() int { return len(s.vectors) }

// Known reports whether a fingerprint belongs to the weights that made the vectors.
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

// load reads a file. It returns nothing if the file does not exist.
func load(name string) ([]key, [][]float32) {
	content, err := files.ReadFile(folder + "/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		panic(err) // the folder is embedded
	}
	keys, vectors, err := decode(content)
	if err != nil {
		panic("shipped vectors: " + name + ": " + err.Error()) // cannot happen: the file is embedded, and a test reads it
	}
	return keys, vectors
}

// dot returns the cosine of two vectors of unit length.
func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
