package store_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// scored is a passage of the corpus with its scores for a question.
type scored struct {
	document.PassageKey
	dense, words float64
}

// asked is a question with the scores of all passages, computed by brute force.
type asked struct {
	vector  []float32 // centred
	queries map[string]lexical.Query
	scores  []scored // in corpus order
}

// evenly gives the similarities of passage and window the same weight in all languages.
var evenly = calibrate.Scales{calibrate.Fallback: {Passage: calibrate.Normal{Deviation: 1}, Window: calibrate.Normal{Deviation: 1}}}

// TestFiltersAreBruteForce checks, over 20,000 passages, that a search with each kind of
// filter returns the first ten results of brute force, by vectors and by terms. If the
// search compares all matching passages, all places must be right. If it uses indexes or
// the rarest terms, 95 of 100 places must be right.
func TestFiltersAreBruteForce(t *testing.T) {
	t.Parallel()
	url, c := storetest.URL(t), filterCorpus()
	plain, err := store.Open(store.Config{URL: url, HNSWMinRows: math.MaxInt64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	all := fillCorpus(t, plain, c)
	sp := recalibrate(t, plain)
	questions := askAll(t, url, plain, sp, c, all)
	for _, f := range filtersOf(c) {
		if dense, words := placesRight(t, plain, sp, all, questions, f); min(dense, words) < 1 {
			t.Errorf("%s: %.3f of the first ten places by vectors and %.3f by terms are those of brute force, want all", f.name, dense, words)
		}
	}
	// Search again with indexes, which are used in languages in which more than 500
	// passages match, and with the filters that Narrow returns.
	s, err := store.Open(store.Config{URL: url, HNSWMinRows: 1_500, ExactPassages: 500})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	waitFor(t, func() bool { // de, en and es
		sp = active(t, s)
		return len(sp.Calibration.Indexed) >= 3
	})
	few := reduceCaptions(t, url, sp, all)
	for _, f := range append(filtersOf(c), few, ofAllDocuments()) {
		if f.filter, _, err = s.Narrow(t.Context(), sp, f.filter); err != nil {
			t.Fatal(err)
		}
		if dense, words := placesRight(t, s, sp, all, questions, f); min(dense, words) < .95 {
			t.Errorf("%s, with indexes: %.3f of the first ten places by vectors and %.3f by terms are those of brute force, want .95", f.name, dense, words)
		}
	}
}

// askAll computes the scores of all passages for a few questions.
func askAll(t *testing.T, url string, s *store.Store, sp space.Space, c *storetest.Corpus, all []document.Indexed) []asked {
	t.Helper()
	calibration, err := s.Calibration(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	lengths := averages(t, url, sp.Collection)
	list := make([]asked, 3)
	for n := range list {
		text, vector := c.Question(n)
		q := asked{vector: calibration.Query(vector, "en", 1), queries: question(t, s, sp, text)}
		list[n] = q
	}
	for _, in := range all {
		language := in.Document.LanguageCode
		for i, p := range in.Passages {
			weights := lexical.Weights(lexical.Terms(p.Text, language), lengths[language])
			for n := range list {
				similarity := map[document.Role]float64{document.RolePassage: -1, document.RoleSentences: -1}
				for _, w := range in.Windows[i] {
					similarity[w.Role] = max(similarity[w.Role], dot(calibrate.Centre(w.Vector, calibration.Languages[language].Mean), list[n].vector))
				}
				score := scored{PassageKey: document.PassageKey{Document: in.Document.ID, Ordinal: p.Ordinal}}
				score.dense = evenly.Of(language).Score(similarity[document.RolePassage], similarity[document.RoleSentences])
				for id, w := range list[n].queries[language].Weights {
					score.words += float64(w) * float64(weights[id])
				}
				list[n].scores = append(list[n].scores, score)
			}
		}
	}
	return list
}

func dot(a, b []float32) (sum float64) {
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// placesRight returns the share of the first ten places with a right passage: the one that
// brute force finds, or one with the same score up to the rounding of halfvec.
func placesRight(t *testing.T, s *store.Store, sp space.Space, all []document.Indexed, questions []asked, f shareFilter) (dense, words float64) {
	t.Helper()
	var right, rightWords, places, placesWords int
	var passing []int
	at := 0
	for _, in := range all {
		for _, p := range in.Passages {
			if f.keep(in.Document, p) && (isRanked(p) || len(f.filter.Kinds) > 0) {
				passing = append(passing, at)
			}
			at++
		}
	}
	for _, q := range questions {
		passed := make([]scored, len(passing))
		for i, at := range passing {
			passed[i] = q.scores[at]
		}
		near, _, err := s.Nearest(t.Context(), sp, q.vector, evenly, f.filter, 100)
		if err != nil {
			t.Fatal(err)
		}
		held, _, err := s.Matches(t.Context(), sp, q.queries, f.filter, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got, gotWords []float64
		for _, c := range near {
			got = append(got, evenly.Of(c.Language).Score(c.Passage, c.Window))
		}
		for _, m := range held {
			gotWords = append(gotWords, m.Score)
		}
		r, n := samePlaces(passed, got, func(s scored) float64 { return s.dense })
		right, places = right+r, places+n
		r, n = samePlaces(slices.DeleteFunc(passed, func(s scored) bool { return s.words == 0 }), gotWords, func(s scored) float64 { return s.words })
		rightWords, placesWords = rightWords+r, placesWords+n
	}
	if places == 0 {
		t.Fatalf("%s: no passage passes", f.name)
	}
	return float64(right) / float64(places), float64(rightWords) / float64(max(placesWords, 1))
}

// samePlaces compares the ten highest scores.
func samePlaces(want []scored, got []float64, score func(scored) float64) (right, places int) {
	best := make([]float64, len(want))
	for i, w := range want {
		best[i] = score(w)
	}
	descending := func(a, b float64) int { return cmp.Compare(b, a) }
	slices.SortFunc(best, descending)
	slices.SortFunc(got, descending)
	places = min(10, len(best))
	for i := range places {
		if i < len(got) && got[i]-best[i] < 1e-3 && best[i]-got[i] < 1e-3 {
			right++
		}
	}
	return right, places
}
