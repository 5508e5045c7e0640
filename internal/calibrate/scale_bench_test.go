package calibrate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/accord-search/accord/internal/calibrate"
)

// BenchmarkScales measures two languages with 300 passages each. A passage has one
// whole vector and two of sentence pairs, all of the default model's length.
func BenchmarkScales(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	vector := func() []float32 {
		v := make([]float32, 384)
		for i := range v {
			v[i] = float32(random.NormFloat64()) / 20
		}
		return v
	}
	c := calibrate.Calibration{Languages: map[string]calibrate.Language{}}
	for _, language := range []string{"en", "zh"} {
		sample := make([]calibrate.Passage, 300)
		for i := range sample {
			sample[i] = calibrate.Passage{Whole: [][]float32{vector()}, Sentences: [][]float32{vector(), vector()}}
		}
		c.Languages[language] = calibrate.Language{Sample: sample}
	}
	query := vector()
	for b.Loop() {
		c.Scales(query)
	}
}
