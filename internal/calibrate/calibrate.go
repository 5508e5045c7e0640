// Package calibrate makes similarities of passages in several languages
// comparable. It centres vectors, so that what all texts of a language share no
// longer counts, and it tells how far above the usual a similarity stands among
// the passages of its language. It is arithmetic: it reads no database and asks
// no model server.
package calibrate

import (
	"maps"
	"math"
	"slices"
)

// Fallback is the language whose statistics stand for those without their own.
const Fallback = "und"

// Passage holds the vectors of one passage, each of unit length.
type Passage struct {
	// Whole is the vector of the passage; of a long one, those of its pieces.
	Whole [][]float32
	// Sentences are those of each two sentences that follow each other; none
	// for a passage with no more than two.
	Sentences [][]float32
}

// Language is what a generation knows of the passages in one language.
type Language struct {
	// Mean is what is subtracted from each vector of the language.
	Mean []float32
	// Passages is how many the corpus had when the generation was made.
	Passages int
	// Sample are passages of the language, centred.
	Sample []Passage
	// Queries is what is known of queries in the language.
	Queries Queries
}

// Calibration is one generation: what is known of each language, by primary
// subtag.
type Calibration struct {
	Generation int
	Languages  map[string]Language
}

// backgroundWeight is how many passages of the corpus the background counts for.
// From docs/decisions, RANK-3: 100 gives nDCG@10 .74 on the seeds (60 passages a
// language), own means alone .66, and large corpora need no background.
const backgroundWeight = 100

// Shrink returns the mean of a language: of its passages in the corpus, n with
// the mean own, drawn towards the mean of the background the more the fewer
// there are. Without a background it is drawn towards zero, which takes nothing
// off: less the mean of itself alone a vector would be nothing. Own may be nil
// where n is 0.
func Shrink(own []float32, n int, background []float32) []float32 {
	mean := make([]float32, max(len(own), len(background)))
	weight := float32(n) / float32(n+backgroundWeight)
	for i := range own {
		mean[i] = weight * own[i]
	}
	for i := range background {
		mean[i] += (1 - weight) * background[i]
	}
	return mean
}

// Mean returns the mean over all vectors of whole passages, nil of none.
func Mean(passages []Passage) []float32 {
	var vectors [][]float32
	for _, p := range passages {
		vectors = append(vectors, p.Whole...)
	}
	return meanOf(vectors)
}

// Centre returns vector less mean, of unit length again; vector itself where
// there is no mean.
func Centre(vector, mean []float32) []float32 {
	if mean == nil {
		return vector
	}
	out := make([]float32, len(vector))
	var square float64
	for i := range out {
		out[i] = vector[i] - mean[i]
		square += float64(out[i]) * float64(out[i])
	}
	if square == 0 {
		return out
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range out {
		out[i] *= scale
	}
	return out
}

// CentrePassages centres the vectors of each passage.
func CentrePassages(passages []Passage, mean []float32) []Passage {
	centre := func(vectors [][]float32) (out [][]float32) {
		for _, v := range vectors {
			out = append(out, Centre(v, mean))
		}
		return out
	}
	out := make([]Passage, len(passages))
	for i, p := range passages {
		out[i] = Passage{Whole: centre(p.Whole), Sentences: centre(p.Sentences)}
	}
	return out
}

// Query centres the vector of a query in a language, of a shortness between 0, for
// a whole question, and 1, for a few words. In a language that the calibration does
// not know, it subtracts the mean over all others.
func (c Calibration) Query(vector []float32, language string, shortness float64) []float32 {
	if l, ok := c.Languages[language]; ok {
		return Centre(vector, l.centre(shortness))
	}
	var centres [][]float32
	for _, name := range slices.Sorted(maps.Keys(c.Languages)) {
		centres = append(centres, c.Languages[name].centre(shortness))
	}
	return Centre(vector, meanOf(centres))
}

// Null returns how similar the nearest passage is to a query in a language that no
// passage answers.
func (c Calibration) Null(language string) Normal {
	for _, name := range []string{language, Fallback} {
		if l, ok := c.Languages[name]; ok && l.Queries.Known() {
			return l.Queries.Null
		}
	}
	var sum Normal
	n := 0.
	for _, name := range slices.Sorted(maps.Keys(c.Languages)) {
		if l := c.Languages[name]; l.Queries.Known() {
			sum.Mean, sum.Deviation, n = sum.Mean+l.Queries.Null.Mean, sum.Deviation+l.Queries.Null.Deviation, n+1
		}
	}
	if n == 0 {
		return priorNull
	}
	return Normal{Mean: sum.Mean / n, Deviation: sum.Deviation / n}
}

func meanOf(vectors [][]float32) []float32 {
	if len(vectors) == 0 {
		return nil
	}
	mean := make([]float32, len(vectors[0]))
	for _, v := range vectors {
		for i, x := range v {
			mean[i] += x
		}
	}
	for i := range mean {
		mean[i] /= float32(len(vectors))
	}
	return mean
}
