package search_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/search"
)

func TestQueryVector(t *testing.T) {
	t.Parallel()
	half := float32(math.Sqrt(0.5))
	for _, test := range []struct {
		what, query string
		asked       []string
		vector      []float32
	}{
		{"short", "who?", []string{"who?"}, []float32{0, 1}},
		{"white space around", " \n who? \u3000", []string{"who?"}, []float32{0, 1}},
		{"another normalisation form", "cafe\u0301?", []string{"café?"}, []float32{0, 1}},
		{"mean of two windows", strings.Repeat("a ", 12) + "b. " + strings.Repeat("c ", 12) + "d?", nil, []float32{half, half}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			if _, err := f.searcher().Search(t.Context(), search.Request{Query: test.query, Limit: 1}); err != nil {
				t.Fatal(err)
			}
			if test.asked != nil {
				if diff := cmp.Diff(test.asked, f.asked); diff != "" {
					t.Errorf("texts embedded (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(test.vector, f.vector, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("vector of %d windows (-want +got):\n%s", len(f.asked), diff)
			}
		})
	}
}

// TestVectorsAreCached: a repeated query uses the cached vector, even if it is written with
// other code points or the model server is down.
func TestVectorsAreCached(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	s := f.searcher()
	ask := func(query string) (asked int) {
		before := len(f.asked)
		answer, err := s.Search(t.Context(), search.Request{Query: query, Limit: 1, OnFailure: search.OnFailureFail})
		if err != nil || len(answer.Degraded) > 0 {
			t.Fatalf("%q: %v, degraded %v", query, err, answer.Degraded)
		}
		return len(f.asked) - before
	}
	for i, step := range []struct {
		query string
		asked int
	}{{"a", 1}, {"b", 1}, {" a\n", 0}, {"c", 1}, {"a", 0}, {"b", 1}} {
		if got := ask(step.query); got != step.asked {
			t.Errorf("step %d, %q: the model server was asked %d times, want %d", i, step.query, got, step.asked)
		}
	}
	f.err = errDown
	ask("b")
}

func key(id string) document.PassageKey { return document.PassageKey{Document: id} }

// hit holds the scores of a passage.
type hit struct {
	ID                string
	Dense, Lexical    int // ranks
	LexicalScore, Sum float64
}

// TestModes checks the scores that each leg contributes to each passage.
func TestModes(t *testing.T) {
	t.Parallel()
	// the upper bound of BM25 for one term without counts
	bound := 2.2 * lexical.IDF(0, 0)
	f := &fakes{
		near:  map[document.PassageKey]float64{key("both"): 3, key("near"): 4, key("weak"): 2},
		far:   map[document.PassageKey]float64{key("words"): 1},
		words: map[document.PassageKey]float64{key("both"): .6 * bound, key("words"): .8 * bound},
		weak:  map[document.PassageKey]float64{key("weak"): .2 * bound},
	}
	// the bonus: half of the log-odds, and .15 for the query's language
	odds := func(x float64) float64 { return (-9.39+.70*(x-.15)/.06+1.38*x)/2 + .15 }
	for mode, want := range map[search.Mode][]hit{
		// each sum is the similarity, minus the distance to the best share, plus that bonus
		search.ModeHybrid: {
			{"near", 1, 0, 0, 4 - 5*.8 + odds(4)},
			{"both", 2, 2, .6 * bound, 3 - 5*.2 + odds(3)},
			{"weak", 3, 3, .2 * bound, 2 - 5*.6 + odds(2)},
			{"words", 4, 1, .8 * bound, 1 + odds(1)},
		},
		search.ModeSemantic: {{"near", 1, 0, 0, 4}, {"both", 2, 0, 0, 3}, {"weak", 3, 0, 0, 2}},
		search.ModeLexical:  {{"words", 0, 1, .8 * bound, .8}, {"both", 0, 2, .6 * bound, .6}},
	} {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Language: "en", Limit: 9, Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		checkHits(t, fmt.Sprintf("mode %d", mode), want, answer)
	}
}

// TestLexicalLanguages: with words alone, passages are ordered by their share of the highest
// score in their language. Chinese has no stop words here, so the query has one more term in
// Chinese.
func TestLexicalLanguages(t *testing.T) {
	t.Parallel()
	f := &fakes{
		words:     map[document.PassageKey]float64{key("own"): 1, key("foreign"): 1.5},
		languages: map[document.PassageKey]string{key("foreign"): "zh"},
	}
	answer, err := f.searcher().Search(t.Context(), search.Request{Query: "the trade", Language: "en", Limit: 9, Mode: search.ModeLexical})
	if err != nil {
		t.Fatal(err)
	}
	bound := 2.2 * lexical.IDF(0, 0)
	checkHits(t, "hits", []hit{{"own", 0, 2, 1, 1 / bound}, {"foreign", 0, 1, 1.5, 1.5 / (2 * bound)}}, answer)
}

func checkHits(t *testing.T, what string, want []hit, answer search.Response) {
	t.Helper()
	var got []hit
	for _, h := range answer.Hits {
		got = append(got, hit{h.Document.ID, h.DenseRank, h.LexicalRank, h.Lexical, h.Fused})
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestDegradation checks the answer, its degradations and the errors if a leg fails.
func TestDegradation(t *testing.T) {
	t.Parallel()
	errOther, errLost := errors.New("another model"), errors.New("lost")
	nearest, matching := []hit{{"near", 1, 0, 0, 4}}, []hit{{"words", 0, 1, 20, 20 / (2.2 * lexical.IDF(0, 0))}}
	for _, test := range []struct {
		what      string
		fakes     fakes
		mode      search.Mode
		onFailure search.OnFailure
		want      []hit
		degraded  []search.Degradation
		err       error
	}{
		{"model server down", fakes{err: errDown}, search.ModeHybrid, search.OnFailureLexical, matching, []search.Degradation{search.EmbedderUnavailable}, nil},
		{"model server hangs", fakes{hangs: true}, search.ModeHybrid, search.OnFailureLexical, matching, []search.Degradation{search.EmbedderUnavailable}, nil},
		{"asked for meaning alone", fakes{err: errDown}, search.ModeSemantic, search.OnFailureLexical, matching, []search.Degradation{search.EmbedderUnavailable}, nil},
		{"asked to fail", fakes{err: errDown}, search.ModeHybrid, search.OnFailureFail, nil, nil, search.ErrNoVector},
		{"asked to fail, hangs", fakes{hangs: true}, search.ModeHybrid, search.OnFailureFail, nil, nil, search.ErrNoVector},
		{"not the server's fault", fakes{err: errOther}, search.ModeHybrid, search.OnFailureLexical, nil, nil, errOther},
		{"words alone need no server", fakes{err: errDown}, search.ModeLexical, search.OnFailureFail, matching, nil, nil},
		{"words lost", fakes{lost: errLost}, search.ModeHybrid, search.OnFailureLexical, nearest, []search.Degradation{search.LexicalUnavailable}, nil},
		{"words alone, lost", fakes{lost: errLost}, search.ModeLexical, search.OnFailureLexical, nil, nil, errLost},
		{"both lost", fakes{err: errDown, lost: errLost}, search.ModeHybrid, search.OnFailureLexical, nil, nil, search.ErrNoVector},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			f := &test.fakes
			f.near = map[document.PassageKey]float64{key("near"): 4}
			f.words = map[document.PassageKey]float64{key("words"): 20}
			answer, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Limit: 9, Mode: test.mode, OnFailure: test.onFailure})
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			checkHits(t, "hits", test.want, answer)
			if diff := cmp.Diff(test.degraded, answer.Degraded); diff != "" {
				t.Errorf("degraded (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCallerGone: a cancelled call gives an error, not a degradation.
func TestCallerGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fakes{hangs: true}
	if _, err := f.searcher().Search(ctx, search.Request{Query: "who?", Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestFewerByWordsBesideVectors: in a collection with many passages, the lexical leg finds
// fewer beside the dense leg than alone.
func TestFewerByWordsBesideVectors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		packed []string
		mode   search.Mode
		err    error // of the model server
		want   int
	}{
		{nil, search.ModeHybrid, nil, 100},
		{[]string{"en"}, search.ModeHybrid, nil, 60},
		{[]string{"en"}, search.ModeLexical, nil, 100},
		{[]string{"en"}, search.ModeHybrid, errDown, 100},
	} {
		f := &fakes{packed: test.packed, err: test.err}
		if _, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 1, Mode: test.mode}); err != nil {
			t.Fatal(err)
		}
		if f.matchLimit != test.want {
			t.Errorf("many passages of %v, mode %v, model server %v: %d passages by words, want %d", test.packed, test.mode, test.err, f.matchLimit, test.want)
		}
	}
}
