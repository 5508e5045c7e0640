package search

import (
	"math"
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestCompoundsHeld: a compound counts as held by a passage that contains its first part, but not
// by one that contains only its last part.
func TestCompoundsHeld(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, passage string
		want           bool
	}{
		{"Schlafwagen", "ein Schlafwagen nach Wien", true},
		{"Schlafwagen", "ein Speisewagen nach Wien", false},
		{"Atomkraftwerk", "zwei Balkonkraftwerke", false},
		{"Moorschutz", "das Austrocknen der Moore", true},
		{"Hundesteuer", "die Steuer steigt", false},
		{"Hundesteuer", "ein Hund im Haus", true},
		{"Fahrradmitnahme", "Fahrräder sind im Zug erlaubt", true},
		{"Straßenbahnhaltestelle", "die Haltestelle der Straßenbahn", true},
	} {
		terms := lexical.QueryTerms(test.query, "de")
		words := lexicalLeg{
			language: "de", terms: map[string][]lexical.Term{"de": terms},
			queries: map[string]lexical.Query{"de": lexical.NewQuery(terms, lexical.Counts{Passages: 30})},
		}
		c := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: lexical.IDs(lexical.Terms(test.passage, "de"))}})
		if _, held, _ := c.shares(key("a"), "de"); held > .5 != test.want {
			t.Errorf("%q holds %.2f of %q; want more than half: %t", test.passage, held, test.query, test.want)
		}
	}
}

// TestSplitCodesHeld: a code that the query writes with a space is held by a passage with the code or
// with its words.
func TestSplitCodesHeld(t *testing.T) {
	t.Parallel()
	code := lexical.Term{Text: "lt628"}.ID()
	for passage, want := range map[string]float64{"an LT628": 1, "an LT 628": 1, "an LT-628": 1, "628 of them": 1. / 4} {
		counts := lexical.Counts{Passages: 30, Holding: map[int32]int{code: 1}}
		terms := lexical.NeededParts(lexical.QueryTerms("LT 628", "en"), counts)
		words := lexicalLeg{
			language: "en", terms: map[string][]lexical.Term{"en": terms},
			queries: map[string]lexical.Query{"en": lexical.NewQuery(terms, lexical.Counts{Passages: 30})},
		}
		c := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: lexical.IDs(lexical.Terms(passage, "en"))}})
		if _, held, _ := c.shares(key("a"), "en"); math.Abs(held-want) > 1e-6 {
			t.Errorf("%q holds %.2f of the code, want %.2f", passage, held, want)
		}
	}
}

// TestShareAbove checks how far the share of a language is above mainShare.
func TestShareAbove(t *testing.T) {
	t.Parallel()
	queries := map[string]lexical.Query{}
	for language, passages := range map[string]int{"ja": 18, "ko": 4, "zh": 2} {
		queries[language] = lexical.NewQuery(nil, lexical.Counts{Passages: passages})
	}
	for language, want := range map[string]float64{"ja": .75 - mainShare, "ko": 0, "fr": 0} {
		if got := shareAbove(queries, language); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", language, got, want)
		}
	}
	far, near := hybridModel.odds(evidence{foreign: true, ownShare: .5}), hybridModel.odds(evidence{foreign: true})
	if far >= near || hybridModel.odds(evidence{ownShare: .5}) != hybridModel.odds(evidence{}) {
		t.Errorf("log-odds in another language %v if most passages are in the query's, else %v; in the query's they must not differ", far, near)
	}
}

// TestSameWordsAbroad: by words alone, a passage in another language that holds no more of the
// query's words than one in the query's language is not more relevant than that one.
func TestSameWordsAbroad(t *testing.T) {
	t.Parallel()
	terms, queries := map[string][]lexical.Term{}, map[string]lexical.Query{}
	for _, language := range []string{"en", "de"} {
		terms[language] = lexical.QueryTerms("birthday gift", language)
		queries[language] = lexical.NewQuery(terms[language], lexical.Counts{Passages: 30})
	}
	relevance := func(own, foreign string) (float32, float32) {
		c := newCoverage(lexicalLeg{language: "en", terms: terms, queries: queries}, map[document.PassageKey]document.PassageTerms{
			key("own"): {IDs: lexical.IDs(lexical.Terms(own, "en"))}, key("foreign"): {IDs: lexical.IDs(lexical.Terms(foreign, "de"))},
		})
		equal := Scores{Lexical: 1}
		list := []ranked{{PassageKey: key("foreign"), Language: "de", Scores: equal}, {PassageKey: key("own"), Language: "en", Scores: equal}}
		setLexicalRelevance(list, c, "en")
		if list[0].PassageKey != key("own") {
			t.Error("of two passages with equal scores, the one in another language is first")
			slices.Reverse(list)
		}
		return list[0].Relevance, list[1].Relevance
	}
	if own, foreign := relevance("The gift was wrapped.", "Das Gift ist im Keller."); foreign > own {
		t.Errorf("relevance %v of the same word in German, %v in English", foreign, own)
	}
	if own, foreign := relevance("The cellar is dark.", "Das Gift ist im Keller."); foreign <= own {
		t.Errorf("relevance %v of a word in German, %v without it in English", foreign, own)
	}
}
