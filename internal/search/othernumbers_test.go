package search_test

import (
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestOtherNumbers: a passage with another number in the place of the query's is not
// confident, but on the subject, unless the title of its document has the number.
func TestOtherNumbers(t *testing.T) {
	t.Parallel()
	key := document.PassageKey{Document: "a", Ordinal: 1}
	const passage = "The town has 18,501 inhabitants."
	for what, test := range map[string]struct {
		query, title string
		others       map[string]string // other passages, by language
		mode         search.Mode
		want         search.Confidence
	}{
		"the number":                   {query: "town 18,501 inhabitants", want: search.Confident},
		"another number":               {query: "town 18,500 inhabitants", want: search.Uncertain},
		"about another number":         {query: "town about 18,500 inhabitants", want: search.Confident},
		"the number in the title":      {query: "town 18,500 inhabitants", title: "Towns of 18 500", want: search.Confident},
		"the number beside a word":     {query: "town 18,500 inhabitants", others: map[string]string{"en": "18,500 trees"}, want: search.Uncertain},
		"the number abroad":            {query: "town 18,500 inhabitants", others: map[string]string{"zh": "18500"}, want: search.Confident},
		"by words, the number":         {query: "town 18,501 inhabitants", mode: search.ModeLexical, want: search.Confident},
		"by words, another number":     {query: "town 18,500 inhabitants", mode: search.ModeLexical, want: search.Uncertain},
		"by meaning, numbers are lost": {query: "town 18,500 inhabitants", mode: search.ModeSemantic, want: search.Confident},
	} {
		f := &fakes{
			near: map[document.PassageKey]float64{key: 9}, words: map[document.PassageKey]float64{key: 9}, weak: map[document.PassageKey]float64{key: 9},
			texts: map[document.PassageKey]string{key: passage}, titles: map[string]string{"a": test.title},
			holding: map[string]string{"en": passage + test.others["en"], "zh": test.others["zh"]},
		}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: test.query, Mode: test.mode, Limit: 1})
		if err != nil || answer.Confidence != test.want {
			t.Errorf("%s: %v, want %v, error %v", what, answer.Confidence, test.want, err)
		}
	}
}
