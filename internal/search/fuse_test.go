package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/lexical"
)

func key(id string) document.PassageKey { return document.PassageKey{Document: id} }

func scale(mean, deviation float64) calibrate.Scale {
	n := calibrate.Normal{Mean: mean, Deviation: deviation}
	return calibrate.Scale{Passage: n, Window: n}
}

func order(list []ranked) string {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Document)
	}
	return strings.Join(ids, " ")
}

func TestFuse(t *testing.T) {
	t.Parallel()
	scales := calibrate.Scales{"en": scale(.5, .1), "zh": scale(.2, .1)}
	candidate := func(id, language string, similarity float64) document.Candidate {
		return document.Candidate{PassageKey: key(id), Language: language, Passage: similarity, Window: similarity}
	}
	several := []document.Candidate{candidate("a", "en", .9), candidate("b", "en", .8), candidate("c", "zh", .55), candidate("d", "zh", .5)}
	for _, tc := range []struct {
		name       string
		candidates []document.Candidate
		words      map[document.PassageKey]float64
		want       string
	}{
		{"scores are relative to the language", several, nil, "a c b d"},
		{"words distinguish passages of one language", several[:2], map[document.PassageKey]float64{key("b"): 5}, "b a"},
		{"words do not favour a language", several, map[document.PassageKey]float64{key("a"): 10, key("b"): 10}, "a c b d"},
		{"words count in every language", several, map[document.PassageKey]float64{key("a"): 10, key("d"): 4}, "a d c b"},
		{"equal scores are ordered by key", []document.Candidate{candidate("b", "en", .5), candidate("a", "en", .5)}, nil, "a b"},
		{"none", nil, nil, ""},
	} {
		if diff := cmp.Diff(tc.want, order(fuse(tc.candidates, bm25{scores: tc.words, bounds: map[string]float64{"en": 20, "zh": 20}}, scales, "fr"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestFuseScores(t *testing.T) {
	t.Parallel()
	list := fuse([]document.Candidate{
		{PassageKey: key("a"), Language: "en", Passage: 4, Window: 4},
		{PassageKey: key("b"), Language: "en", Passage: 2, Window: 2},
	}, bm25{scores: map[document.PassageKey]float64{key("b"): 20}, bounds: map[string]float64{"en": 40}}, calibrate.Scales{"en": scale(1, 2)}, "en")
	want := []ranked{
		{PassageKey: key("b"), Language: "en", Scores: Scores{DenseRank: 2, Lexical: 20, LexicalRank: 1, Fused: .5}, similarity: 2, score: .5},
		{PassageKey: key("a"), Language: "en", Scores: Scores{DenseRank: 1, Fused: 1.5 - lexicalWeight*.5}, similarity: 4, score: 1.5},
	}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(ranked{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestBalance: wherever a balanced list is cut, each language has its share. The order
// within each language is kept.
func TestBalance(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var list []ranked
		left := map[string]int{}
		for i := range r.IntN(60) {
			// the first languages are far ahead of the last one
			language := []string{"en", "es", "zh", "fr"}[min(3, r.IntN(1+i/5))]
			list = append(list, ranked{PassageKey: key(fmt.Sprintf("%02d", i)), Language: language, Scores: Scores{Fused: float64(-i)}})
			left[language]++
		}
		balanced := balance(slices.Clone(list))
		languages, seen := len(left), map[string]int{}
		last := map[string]string{}
		for m, b := range balanced {
			if b.Document < last[b.Language] {
				t.Fatalf("passage %s of language %s comes after %s", b.Document, b.Language, last[b.Language])
			}
			last[b.Language] = b.Document
			seen[b.Language]++
			for language, all := range left {
				if share := min(all, (m+1)/(2*languages)); seen[language] < share {
					t.Fatalf("%d of the first %d passages are in %s, want at least %d: %s", seen[language], m+1, language, share, order(balanced))
				}
			}
		}
		if len(balanced) != len(list) {
			t.Fatalf("%d passages after balancing %d", len(balanced), len(list))
		}
	}
}

func TestApplyPolicy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		policy    Policy
		query     string
		languages []string
		want      []string
		possible  bool
	}{
		{"any", PolicyAny, "en", []string{"zh"}, []string{"zh"}, true},
		{"balanced", PolicyBalanced, "en", nil, nil, true},
		{"the query's language", PolicyQueryLanguage, "en", nil, []string{"en"}, true},
		{"the query's language is in the filter", PolicyQueryLanguage, "zh", []string{"en", "zh-Hant", "ZH"}, []string{"zh-Hant", "ZH"}, true},
		{"the query's language is not in the filter", PolicyQueryLanguage, "zh", []string{"en"}, []string{}, false},
		{"unknown", PolicyQueryLanguage, language.Unknown, []string{"en"}, []string{"en"}, true},
	} {
		f, possible := applyPolicy(Request{Policy: tc.policy, Filter: document.Filter{Languages: tc.languages}}, tc.query)
		if diff := cmp.Diff(tc.want, f.Languages); diff != "" || possible != tc.possible {
			t.Errorf("%s: possible %v (-want +got):\n%s", tc.name, possible, diff)
		}
	}
}

// TestOtherYear: a passage that would answer if it contained the query's number is on the
// subject.
func TestOtherYear(t *testing.T) {
	t.Parallel()
	e := evidence{aboveNull: 4, score: 1.5, held: .4, numbersLacking: 1}
	list := make([]ranked, 1)
	list[0].setEvidence(hybridModel, e)
	if list[0].Relevance >= onTopic || confidenceOf(list) != Uncertain {
		t.Errorf("relevance %v, confidence %v; want relevance below %v and confidence %v", list[0].Relevance, confidenceOf(list), onTopic, Uncertain)
	}
}

// TestPhrasedFirst: passages with more of the phrases come first, and a passage that lacks
// one of them is not a confident answer.
func TestPhrasedFirst(t *testing.T) {
	t.Parallel()
	list := []ranked{{PassageKey: key("none")}, {PassageKey: key("one")}, {PassageKey: key("both")}}
	for i := range list {
		list[i].Relevance = 1
	}
	list = phrasedFirst(list, phraseMatches{searchable: 2, held: map[document.PassageKey]int{key("one"): 1, key("both"): 2}})
	if got := order(list); got != "both one none" {
		t.Errorf("order %s, want both one none", got)
	}
	if list[0].Relevance != 1 || list[1].Relevance >= confident || list[2].Relevance >= confident {
		t.Errorf("relevance %v, %v, %v; want 1 and two below confident", list[0].Relevance, list[1].Relevance, list[2].Relevance)
	}
}

// TestPhraseRelevance: a passage with all phrases is at least on the subject. It is a
// confident answer if few passages have them and it contains the rest of the query.
func TestPhraseRelevance(t *testing.T) {
	t.Parallel()
	held := map[document.PassageKey]int{key("a"): 1}
	for name, test := range map[string]struct {
		matches phraseMatches
		held    float64
		want    float32
	}{
		"rare":                     {phraseMatches{searchable: 1, all: 1, rare: true, held: held}, 1, rarePhraseRelevance},
		"frequent":                 {phraseMatches{searchable: 1, all: 1, held: held}, 1, onTopic},
		"rare, with other words":   {phraseMatches{searchable: 1, all: 1, rare: true, held: held}, .4, onTopic},
		"one of two phrases":       {phraseMatches{searchable: 2, all: 2, rare: true, held: held}, 1, .01 * withoutPhrase},
		"a phrase of stop words":   {phraseMatches{searchable: 0, all: 1, rare: true, held: held}, 1, .01},
		"no phrase in the passage": {phraseMatches{searchable: 1, all: 1, rare: true}, 1, .01 * withoutPhrase},
	} {
		list := phrasedFirst([]ranked{{PassageKey: key("a"), held: test.held, Scores: Scores{Relevance: .01}}}, test.matches)
		if got := list[0].Relevance; got != test.want {
			t.Errorf("%s: relevance %v, want %v", name, got, test.want)
		}
	}
}

// TestRarePhrase checks up to how many passages may contain a phrase that counts as rare.
func TestRarePhrase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		passages, holding int
		want              bool
	}{{50, fewPassages, true}, {50, fewPassages + 1, false}, {2000, 10, true}, {2000, 11, false}} {
		m := phraseMatches{held: map[document.PassageKey]int{}}
		for i := range test.holding {
			m.held[document.PassageKey{Document: "a", Ordinal: i}] = 1
		}
		m.weigh(1, map[string]lexical.Query{"en": lexical.NewQuery(nil, lexical.Counts{Passages: test.passages})})
		if m.rare != test.want {
			t.Errorf("%d of %d passages: rare %t", test.holding, test.passages, m.rare)
		}
	}
}
