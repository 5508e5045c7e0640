package calibrate

import (
	"maps"
	"math"
	"slices"
)

// Normal is where similarities usually lie: their mean and standard deviation.
type Normal struct{ Mean, Deviation float64 }

// Z returns how many standard deviations x lies above the mean.
func (n Normal) Z(x float64) float64 { return (x - n.Mean) / n.Deviation }

// Scale turns the similarities of a query to passages of one language into a
// score that can be compared across languages.
type Scale struct {
	// Passage is for similarities to whole passages, Window for those to a
	// passage's best two sentences.
	Passage, Window Normal
}

// raw leaves similarities as they are: nothing is known of their usual values.
var raw = Scale{Passage: Normal{Deviation: 1}, Window: Normal{Deviation: 1}}

// windowWeight is what the z-score of the best two sentences counts, and that of
// the whole passage the rest. On xquad-r/dev .65 gives en→zh .912 and zh→en .901,
// .5 gives .909 and .896, and .35 .906 and .892; one pool of three languages
// .918, .917 and .914; the seeds .720, .710 and .688.
const windowWeight = 0.65

// Weights returns what orders passages of one language as Score does: the
// factors of the two similarities in it. All else is the same for all.
func (s Scale) Weights() (passage, window float64) {
	return (1 - windowWeight) / s.Passage.Deviation, windowWeight / s.Window.Deviation
}

// Score returns the weighted mean of the two z-scores. Among the passages that a
// query has nothing to do with it is about 0, and 1 or less apart.
func (s Scale) Score(passage, window float64) float64 {
	return (1-windowWeight)*s.Passage.Z(passage) + windowWeight*s.Window.Z(window)
}

// Similarity returns how similar a passage is to a query: the mean of the two
// similarities, weighted as in Score.
func Similarity(passage, window float64) float64 {
	return (1-windowWeight)*passage + windowWeight*window
}

// Scales are those of one query, by language.
type Scales map[string]Scale

// Of returns the scale of a language: without one of its own that of Fallback.
func (s Scales) Of(language string) Scale {
	if scale, ok := s[language]; ok {
		return scale
	}
	return s[Fallback]
}

// minSample is the least number of passages that a standard deviation is taken
// of; fewer say nothing.
const minSample = 8

// Scales returns those of a centred query: of each language the usual
// similarities to its sample. Fallback is always among them; where it has no
// sample of its own, it is the mean over the languages.
func (c Calibration) Scales(query []float32) Scales {
	scales := make(Scales, len(c.Languages)+1)
	for name, l := range c.Languages {
		if len(l.Sample) >= minSample {
			scales[name] = scaleOf(query, l.Sample)
		}
	}
	if _, ok := scales[Fallback]; !ok {
		scales[Fallback] = scales.mean()
	}
	return scales
}

// mean returns the scale between all.
func (s Scales) mean() Scale {
	if len(s) == 0 {
		return raw
	}
	var sum Scale
	n := float64(len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) { // sums depend on their order
		scale := s[name]
		sum.Passage.Mean += scale.Passage.Mean / n
		sum.Passage.Deviation += scale.Passage.Deviation / n
		sum.Window.Mean += scale.Window.Mean / n
		sum.Window.Deviation += scale.Window.Deviation / n
	}
	return sum
}

func scaleOf(query []float32, sample []Passage) Scale {
	var passages, windows moments
	for _, p := range sample {
		whole, window := p.similarities(query)
		passages.add(whole)
		windows.add(window)
	}
	return Scale{Passage: passages.normal(), Window: windows.normal()}
}

// similarities returns those of a query to the passage and to its nearest two
// sentences; to a passage of no more than two they are the same.
func (p Passage) similarities(query []float32) (whole, window float64) {
	whole = best(query, p.Whole)
	if len(p.Sentences) == 0 {
		return whole, whole
	}
	return whole, best(query, p.Sentences)
}

// moments gathers a mean and a standard deviation.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(x float64) { m.n, m.sum, m.squares = m.n+1, m.sum+x, m.squares+x*x }

func (m *moments) normal() Normal {
	mean := m.sum / m.n
	// Vectors that are all alike have no spread to divide by.
	const least = 1e-6
	return Normal{Mean: mean, Deviation: math.Sqrt(max(m.squares/m.n-mean*mean, least*least))}
}

// best returns the greatest inner product with one of the vectors.
func best(query []float32, vectors [][]float32) float64 {
	top := float32(-1)
	for _, v := range vectors {
		top = max(top, dot(query, v))
	}
	return float64(top)
}

// dot adds up in four lanes, which the processor works on at once: a search
// takes some thousand of these.
func dot(a, b []float32) float32 {
	const block = 16
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for ; len(a) >= block && len(b) >= block; a, b = a[block:], b[block:] {
		x, y := (*[block]float32)(a), (*[block]float32)(b) // whose bounds are checked once
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
		s0 += x[4] * y[4]
		s1 += x[5] * y[5]
		s2 += x[6] * y[6]
		s3 += x[7] * y[7]
		s0 += x[8] * y[8]
		s1 += x[9] * y[9]
		s2 += x[10] * y[10]
		s3 += x[11] * y[11]
		s0 += x[12] * y[12]
		s1 += x[13] * y[13]
		s2 += x[14] * y[14]
		s3 += x[15] * y[15]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
