package calibrate_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/calibrate"
)

var approx = cmpopts.EquateApprox(0, 1e-6)

// at returns the unit vector at an angle in degrees.
func at(degrees float64) []float32 {
	r := degrees * math.Pi / 180
	return []float32{float32(math.Cos(r)), float32(math.Sin(r))}
}

func TestShrink(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		own            []float32
		n              int
		reference, got []float32
	}{
		{"no corpus", nil, 0, []float32{4, 8}, []float32{4, 8}},
		{"as many as the reference counts", []float32{0, 0}, 100, []float32{4, 8}, []float32{2, 4}},
		{"a large corpus", []float32{1, 0}, 99_900, []float32{4, 8}, []float32{1.003, 0.008}},
		{"no reference: one passage keeps its vector nearly whole", []float32{101, 0}, 1, nil, []float32{1, 0}},
		{"nothing", nil, 0, nil, []float32{}},
	} {
		if diff := cmp.Diff(tc.got, calibrate.Shrink(tc.own, tc.n, tc.reference), approx); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestCentre(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		vector, mean, want []float32
	}{
		{"no mean", at(30), nil, at(30)},
		{"less the mean, of unit length", []float32{3, 5}, []float32{0, 1}, []float32{0.6, 0.8}},
		{"the mean itself", at(30), at(30), []float32{0, 0}},
	} {
		if diff := cmp.Diff(tc.want, calibrate.Centre(tc.vector, tc.mean), approx); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	c := calibrate.Calibration{Languages: map[string]calibrate.Language{
		"en": {Mean: []float32{1, 0}}, "zh": {Mean: []float32{0, 1}},
	}}
	for language, want := range map[string][]float32{
		"en": {0.6, 0.8},
		"zh": calibrate.Centre([]float32{4, 4}, []float32{0, 1}),
		"fr": calibrate.Centre([]float32{4, 4}, []float32{0.5, 0.5}), // the mean of the known languages is subtracted
	} {
		if diff := cmp.Diff(want, c.Query([]float32{4, 4}, language, 1), approx); diff != "" {
			t.Errorf("%s (-want +got):\n%s", language, diff)
		}
	}
	if diff := cmp.Diff(at(20), calibrate.Calibration{}.Query(at(20), "en", 1), approx); diff != "" {
		t.Errorf("a calibration that knows nothing (-want +got):\n%s", diff)
	}
}

// spread returns a sample whose passages have the given similarities to at(0). Their best
// windows are more similar by .1.
func spread(similarities ...float64) (sample []calibrate.Passage) {
	for _, s := range similarities {
		vector := func(cos float64) []float32 { return at(math.Acos(cos) * 180 / math.Pi) }
		sample = append(sample, calibrate.Passage{
			Whole:     [][]float32{vector(s), vector(s - .3)},
			Sentences: [][]float32{vector(s - .2), vector(s + .1)},
		})
	}
	return sample
}

// TestQueryInUnknownLanguage checks that the centre of a query in a language without
// statistics does not depend on which other languages were asked about.
func TestQueryInUnknownLanguage(t *testing.T) {
	t.Parallel()
	c := calibrate.Calibration{Languages: map[string]calibrate.Language{
		"en": {Mean: []float32{3, 0}}, calibrate.Fallback: {Mean: []float32{1, 2}},
	}}
	before := c.Query([]float32{4, 4}, "it", 1)
	c.Languages["fr"] = calibrate.Language{Mean: []float32{0, 3}}
	if diff := cmp.Diff(before, c.Query([]float32{4, 4}, "it", 1)); diff != "" {
		t.Errorf("before and after a question in French (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(calibrate.Centre([]float32{4, 4}, []float32{1, 2}), before, approx); diff != "" {
		t.Errorf("centred (-want +got):\n%s", diff)
	}
}

func TestScales(t *testing.T) {
	t.Parallel()
	c := calibrate.Calibration{Languages: map[string]calibrate.Language{
		"en": {Sample: spread(.1, .3, .1, .3, .1, .3, .1, .3)},
		"zh": {Sample: spread(.5, .6, .5, .6, .5, .6, .5, .6)},
		"fr": {Sample: spread(.5)}, // too few passages
	}}
	scales := c.Scales(at(0))
	// The most similar piece and the most similar window of each passage count.
	want := calibrate.Scales{
		"en":               {Passage: calibrate.Normal{Mean: .2, Deviation: .1}, Window: calibrate.Normal{Mean: .3, Deviation: .1}},
		"zh":               {Passage: calibrate.Normal{Mean: .55, Deviation: .05}, Window: calibrate.Normal{Mean: .65, Deviation: .05}},
		calibrate.Fallback: {Passage: calibrate.Normal{Mean: .375, Deviation: .075}, Window: calibrate.Normal{Mean: .475, Deviation: .075}},
	}
	if diff := cmp.Diff(want, scales, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want[calibrate.Fallback], scales.Of("fr"), cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("a language without a scale (-want +got):\n%s", diff)
	}
	// The same similarity is high for one language and average for the other.
	if en, zh := scales.Of("en").Score(.5, .6), scales.Of("zh").Score(.55, .65); math.Abs(en-3) > 1e-4 || math.Abs(zh) > 1e-4 {
		t.Errorf("scores %v and %v, want 3 and 0", en, zh)
	}
	if got := (calibrate.Calibration{}).Scales(at(0)).Of("en").Score(.5, .7); math.Abs(got-(.35*.5+.65*.7)) > 1e-9 {
		t.Errorf("a calibration that knows nothing scores %v, want the weighted similarities", got)
	}
}

// TestAddQueryStatistics checks that a query is centred with the mean of the reference queries of its
// form. The null is the similarity that reference queries reach in the corpus, shrunk
// towards the prior if the corpus is small.
func TestAddQueryStatistics(t *testing.T) {
	t.Parallel()
	passages := func(n int, vector []float32) []calibrate.Passage {
		return slices.Repeat([]calibrate.Passage{{Whole: [][]float32{vector}}}, n)
	}
	reference := map[string]calibrate.ReferenceQueries{
		"en":               {Short: [][]float32{{0, 2}, {0, 4}}, Questions: [][]float32{{2, 0}}},
		calibrate.Fallback: {Short: [][]float32{{1, 1}}, Questions: [][]float32{{1, 1}}},
	}
	for _, tc := range []struct {
		name   string
		corpus []calibrate.Passage
		want   calibrate.Normal
	}{
		{"no corpus", nil, calibrate.Normal{Mean: .15, Deviation: .06}},
		// The short queries minus {0, 1.8} and the question minus {1.2, 0} are {0,
		// 1}, {0, 1} and {1, 0}. One of them equals a passage.
		{"as many passages as the prior counts", passages(20, []float32{1, 0}), calibrate.Normal{Mean: (1./3 + .15) / 2, Deviation: (math.Sqrt(2./9) + .06) / 2}},
	} {
		languages := map[string]calibrate.Language{"en": {Mean: []float32{0, 0}}, "nl": {Mean: []float32{0, 0}}}
		calibrate.AddQueryStatistics(languages, reference, map[string][]calibrate.Passage{"en": tc.corpus})
		c := calibrate.Calibration{Languages: languages}
		if diff := cmp.Diff(tc.want, c.Null("en"), approx); diff != "" {
			t.Errorf("%s: null (-want +got):\n%s", tc.name, diff)
		}
		if got := languages["nl"].Queries.Short; !cmp.Equal(got, []float32{1, 1}) {
			t.Errorf("%s: a language without reference queries has the mean %v, want the fallback's", tc.name, got)
		}
		for shortness, centre := range map[float64][]float32{0: {1.2, 0}, .5: {.6, .9}, 1: {0, 1.8}} {
			if diff := cmp.Diff(calibrate.Centre([]float32{5, 1}, centre), c.Query([]float32{5, 1}, "en", shortness), approx); diff != "" {
				t.Errorf("%s: shortness %v (-want +got):\n%s", tc.name, shortness, diff)
			}
		}
	}
	if got := (calibrate.Calibration{}).Null("en"); got.Deviation <= 0 {
		t.Errorf("a calibration that knows nothing has the null %v", got)
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	texts := func(n int, vector []float32) (out []calibrate.Passage) {
		for range n {
			out = append(out, calibrate.Passage{Whole: [][]float32{vector}})
		}
		return out
	}
	learned := calibrate.Learn(
		map[string]calibrate.Language{"en": {Mean: []float32{0, 1}, Passages: 100}, "th": {Mean: []float32{0, 1}, Passages: 300}},
		map[string][]calibrate.Passage{"en": texts(25, at(60)), "th": texts(40, at(60))},
		map[string][]calibrate.Passage{"en": texts(9, at(0)), "zh": texts(5, at(0)), calibrate.Fallback: texts(4, at(0))})
	type got struct {
		Mean             []float32
		Passages, Sample int
	}
	seen := map[string]got{}
	for language, l := range learned {
		seen[language] = got{l.Mean, l.Passages, len(l.Sample)}
	}
	want := map[string]got{
		"en":               {[]float32{.5, .5}, 100, 30}, // the sample is filled up with reference texts
		"th":               {[]float32{.25, .75}, 300, 40},
		"zh":               {[]float32{1, 0}, 0, 5}, // for questions in the language
		calibrate.Fallback: {[]float32{1, 0}, 0, 4},
	}
	if diff := cmp.Diff(want, seen, approx); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	sample := learned["en"].Sample
	for i, vector := range map[int][]float32{0: at(60), 29: at(0)} {
		if diff := cmp.Diff(calibrate.Centre(vector, []float32{.5, .5}), sample[i].Whole[0], approx); diff != "" {
			t.Errorf("passage %d of the sample is not centred with the mean of its language (-want +got):\n%s", i, diff)
		}
	}
}
