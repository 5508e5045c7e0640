package lexical_test

import (
	"math"
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

// TestBM25 compares Weights and IDF with the formula written out, over texts whose
// terms can be counted by hand.
func TestBM25(t *testing.T) {
	t.Parallel()
	passages := [][]string{
		{"trade", "trade", "trade", "peru"},
		{"trade", "climate"},
		{"climate", "finance", "climate", "fund", "peru", "peru", "port", "rail", "green"},
	}
	length := float64(4+2+9) / 3
	for _, query := range [][]string{{"trade"}, {"peru", "climate"}, {"trade", "trade", "port"}, {"absent"}} {
		for _, passage := range passages {
			weights := lexical.Weights(terms(passage), length)
			got, want := 0.0, 0.0
			for _, word := range query {
				df, tf := 0, float64(count(passage, word))
				for _, p := range passages {
					if count(p, word) > 0 {
						df++
					}
				}
				got += lexical.IDF(df, len(passages)) * float64(weights[lexical.Term{Text: word}.ID()])
				idf := math.Log(1 + (float64(len(passages))-float64(df)+0.5)/(float64(df)+0.5))
				want += idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(len(passage))/length))
			}
			if math.Abs(got-want) > 1e-6 {
				t.Errorf("BM25 of %q in %q = %v, want %v", query, passage, got, want)
			}
		}
	}
}

func TestWeightsBounds(t *testing.T) {
	t.Parallel()
	if got := lexical.Weights(nil, 10); len(got) != 0 {
		t.Errorf("Weights of no terms = %v", got)
	}
	for id, weight := range lexical.Weights(lexical.Terms("a trade, trade and trade deal", "en"), 5) {
		if weight < 0 || weight > 2.2 {
			t.Errorf("weight of %d = %v, want 0 to 2.2", id, weight)
		}
	}
}

func terms(words []string) []lexical.Term {
	out := make([]lexical.Term, len(words))
	for i, word := range words {
		out[i] = lexical.Term{Text: word}
	}
	return out
}

func count(words []string, word string) int {
	n := 0
	for _, w := range words {
		if w == word {
			n++
		}
	}
	return n
}
