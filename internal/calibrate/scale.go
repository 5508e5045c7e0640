package calibrate

import (
	"maps"
	"math"
	"slices"
)

// Normal is the mean and standard deviation of similarities.
type Normal struct{ Mean, Deviation float64 }

// Z returns how many standard deviations x lies above the mean.
func (n Normal) Z(x float64) float64 { return (x - n.Mean) / n.Deviation }

// Scale turns the similarities of a query to passages of one language into a
// score that can be compared across languages.
type Scale struct {
	// Passage scales similarities to whole passages; Window scales similarities to
	// the best two consecutive sentences of a passage.
	Passage, Window Normal
}

// identityScale leaves similarities unchanged. It is used if there are no statistics.
var identityScale = Scale{Passage: Normal{Deviation: 1}, Window: Normal{Deviation: 1}}

// windowWeight is the weight in a score of the z-score of the best two sentences; that of
// the whole passage has the rest. nDCG@10 with .65, .5 and .35: en→zh on xquad-r/dev .912,
// .909 and .906; zh→en .901, .896 and .892; one pool of three languages .918, .917 and
// .914; the seeds .720, .710 and .688.
const windowWeight = 0.65

// Weights returns the factors of the two similarities in Score. Within one language,
// ordering passages by the weighted sum gives the same order as Score.
func (s Scale) Weights() (passage, window float64) {
	return (1 - windowWeight) / s.Passage.Deviation, windowWeight / s.Window.Deviation
}

// Score returns the weighted mean of the two z-scores. For passages unrelated to the
// query its mean is about 0 and its standard deviation at most 1.
func (s Scale) Score(passage, window float64) float64 {
	return (1-windowWeight)*s.Passage.Z(passage) + windowWeight*s.Window.Z(window)
}

// Similarity returns the mean of the two similarities with the weights of Score.
func Similarity(passage, window float64) float64 {
	return (1-windowWeight)*passage + windowWeight*window
}

// Scales holds one query's scales by language.
type Scales map[string]Scale

// Of returns the scale of a language, or that of Fallback if it has none.
func (s Scales) Of(language string) Scale {
	if scale, ok := s[language]; ok {
		return scale
	}
	return s[Fallback]
}

// minSample is the smallest sample from which a standard deviation is computed.
const minSample = 8

// Scales returns the scales of a centred query, computed from its similarities to the
// sample of each language. The result always holds Fallback: if that has no large
// enough sample, it is the mean over the other languages.
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

// mean returns the average of all scales.
func (s Scales) mean() Scale {
	if len(s) == 0 {
		return identityScale
	}
	var sum Scale
	n := float64(len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) { // summing in a fixed order keeps the result reproducible
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

// similarities returns the similarity of a query to the whole passage and to its best
// two consecutive sentences. The two are equal for a passage of at most two
// sentences.
func (p Passage) similarities(query []float32) (whole, window float64) {
	whole = maxDot(query, p.Whole)
	if len(p.Sentences) == 0 {
		return whole, whole
	}
	return whole, maxDot(query, p.Sentences)
}

// moments accumulates a mean and a standard deviation.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(x float64) { m.n, m.sum, m.squares = m.n+1, m.sum+x, m.squares+x*x }

func (m *moments) normal() Normal {
	mean := m.sum / m.n
	// Identical vectors have no spread; least avoids a division by zero.
	const least = 1e-6
	return Normal{Mean: mean, Deviation: math.Sqrt(max(m.squares/m.n-mean*mean, least*least))}
}

// maxDot returns the highest inner product of query with any of the vectors.
func maxDot(query []float32, vectors [][]float32) float64 {
	top := float32(-1)
	for _, v := range vectors {
		top = max(top, dot(query, v))
	}
	return float64(top)
}

// dot computes an inner product with four accumulators, which the processor can
// update in parallel. A search calls it some thousand times.
func dot(a, b []float32) float32 {
	const block = 16
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for ; len(a) >= block && len(b) >= block; a, b = a[block:], b[block:] {
		x, y := (*[block]float32)(a), (*[block]float32)(b) // array pointers need only one bounds check
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
