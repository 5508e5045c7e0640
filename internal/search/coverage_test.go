package search

import (
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestCoverage checks the share of the query's words that a passage holds, the shares of
// its numbers that the passage and all passages lack, and whether it holds a distinctive
// word.
func TestCoverage(t *testing.T) {
	t.Parallel()
	counts := func(holding map[string]int) lexical.Counts {
		c := lexical.Counts{Passages: 1000, Holding: map[int32]int{}}
		for text, n := range holding {
			c.Holding[lexical.Term{Text: text}.ID()] = n
		}
		return c
	}
	usual := counts(map[string]int{"pump": 300, "ship": 300, "9": 40, "zx4417": 1, "zx": 1, "4417": 1, "world": 300, "health": 300, "offic": 300, "WHO": 9})
	for name, test := range map[string]struct {
		query, passage string
		held, lacking  float64
		unseen         float64
		distinctive    bool
	}{
		"all":                              {"pumps shipped", "a pump is shipped", 1, 0, 0, false},
		"half":                             {"pumps shipped", "a pump", .5, 0, 0, false},
		"nothing":                          {"pumps shipped", "a valve", 0, 0, 0, false},
		"a number that is missing":         {"9 pumps", "a pump", .27, 1, 0, false},
		"a number in no passage":           {"11 pumps", "a pump", .14, 1, 1, false},
		"one of two numbers in no passage": {"11 of 9 pumps", "9 pumps", .4, .5, .5, false},
		"a rare code":                      {"was pump ZX-4417 shipped", "the valve ZX-4417", .9, 0, 0, true},
		"a part of a rare code":            {"was pump ZX-4417 shipped", "the valve ZX", .3, 1, 0, false},
		"an acronym holds its words":       {"World Health Office", "the WHO", 1, 0, 0, false},
		"a name holds its acronym":         {"WHO", "the World Health Office", 1, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := lexical.Terms(test.query, "en")
			words := lexicalLeg{
				terms:   map[string][]lexical.Term{"en": terms},
				queries: map[string]lexical.Query{"en": lexical.NewQuery(terms, usual)},
			}
			var passage []int32
			for _, term := range lexical.Terms(test.passage, "en") {
				passage = append(passage, term.ID())
			}
			slices.Sort(passage)
			h := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: passage}})
			held, lacking := h.shares(key("a"), "en")
			if held < test.held-.05 || held > test.held+.05 || lacking != test.lacking {
				t.Errorf("held %.2f, lacking %.2f; want %.2f, %.2f", held, lacking, test.held, test.lacking)
			}
			if h.unseen != test.unseen {
				t.Errorf("unseen %.2f, want %.2f", h.unseen, test.unseen)
			}
			if got := h.hasDistinctive(key("a"), "en"); got != test.distinctive {
				t.Errorf("distinctive: %v, want %v", got, test.distinctive)
			}
		})
	}
}

// TestMissingWords: words that no passage holds are missing if some passage holds others
// of a short query, and the more, the more passages the language has.
func TestMissingWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query    string
		passages int
		want     float64
	}{
		"all are held":       {"Lima metro", 60, 0},
		"one is not":         {"weather in Lima", 60, .37},
		"a larger language":  {"weather in Lima", 600, .58},
		"none is held":       {"weather forecast", 60, 0},
		"no words":           {"in the", 60, 0},
		"no passages":        {"weather in Lima", 0, 0},
		"a question, longer": {"what will the weather be in Lima on the day of the summit", 60, 0},
	} {
		counts := lexical.Counts{Passages: test.passages, Holding: map[int32]int{}}
		if test.passages > 0 {
			for _, text := range []string{"lima", "metro"} {
				counts.Holding[lexical.Term{Text: text}.ID()] = 10
			}
		}
		terms := lexical.Terms(test.query, "en")
		c := newCoverage(lexicalLeg{
			terms:     map[string][]lexical.Term{"en": terms},
			queries:   map[string]lexical.Query{"en": lexical.NewQuery(terms, counts)},
			shortness: shortness(test.query),
		}, nil)
		if got := c.asked["en"].missing; got < test.want-.01 || got > test.want+.01 {
			t.Errorf("%s: missing %.3f, want %.2f", name, got, test.want)
		}
	}
}

// TestMissingRelevance: missing words lower relevance and do not change the order or the
// subject.
func TestMissingRelevance(t *testing.T) {
	t.Parallel()
	for _, foreign := range []bool{false, true} {
		with, without := ranked{}, ranked{}
		without.setEvidence(hybridModel, evidence{aboveNull: 3, score: 4, held: .5, foreign: foreign})
		with.setEvidence(hybridModel, evidence{aboveNull: 3, score: 4, held: .5, foreign: foreign, missing: .5})
		if with.Relevance >= without.Relevance || with.odds != without.odds || with.topical != without.topical {
			t.Errorf("foreign %t: relevance %v, odds %v; without missing words %v, %v", foreign, with.Relevance, with.odds, without.Relevance, without.odds)
		}
	}
}

// TestForeignLetter: a passage in another language contradicts a letter of the query if it
// has other letters and not this one.
func TestForeignLetter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, passage string
		foreign, want  bool
	}{
		{"vitamin D", "维生素C", true, true},
		{"vitamin D", "维生素C和维生素D", true, false},
		{"vitamin D", "柠檬", true, false},
		{"vitamin D", "维生素C", false, false},
		{"vitamins", "维生素C", true, false},
		{"Windows 11", "维生素C", true, false},
	} {
		words := lexicalLeg{}
		for _, code := range lexical.Codes(test.query) {
			if letter, ok := code.Letter(); ok {
				words.letters = append(words.letters, letter.ID())
			}
		}
		var ids []int32
		for _, term := range lexical.Terms(test.passage, "zh") {
			ids = append(ids, term.ID())
		}
		slices.Sort(ids)
		c := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: ids}})
		if got := c.contradicts(key("a"), test.foreign); got != test.want {
			t.Errorf("%q by %q, foreign %t: %t", test.query, test.passage, test.foreign, got)
		}
	}
}
