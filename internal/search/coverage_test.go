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
