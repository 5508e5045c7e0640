package search

import (
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestNameEvidence checks how the evidence on names depends on the passage, on other passages of
// its document, and on the language.
func TestNameEvidence(t *testing.T) {
	t.Parallel()
	const chile = "Norway and Chile signed a fisheries agreement in Santiago."
	for name, test := range map[string]struct {
		query, passage, beside string
		language               string // language of the passage, if not English
		other, bare            bool
	}{
		"the country":                         {query: "fisheries agreement with Chile", passage: chile},
		"another country":                     {query: "fisheries agreement with Brazil", passage: chile, other: true},
		"another country, in lower case":      {query: "fisheries agreement with brazil", passage: chile, other: true},
		"the document names it":               {query: "fisheries agreement with Brazil", passage: chile, beside: "Brazil comes next."},
		"another town":                        {query: "agreement signed in Lima", passage: chile, other: true},
		"the town, and nothing else":          {query: "weather in Santiago", passage: chile, bare: true},
		"the town, and a mark within":         {query: "weather? in Santiago", passage: chile, bare: true},
		"a question about the town":           {query: "Who spoke in Santiago?", passage: chile},
		"a question about another town":       {query: "Who spoke in Lima?", passage: chile, other: true},
		"only the names are asked for":        {query: "Chile and Norway", passage: chile},
		"two names, one missing":              {query: "Peter Moran embassy", passage: "Adela Moran opened the embassy.", other: true},
		"the initials of the name":            {query: "the World Health Office report", passage: "A report of the WHO."},
		"no name":                             {query: "fisheries law", passage: chile},
		"in another language, the country":    {query: "fisheries agreement with Chile", passage: "挪威和智利签署渔业协定。", language: "zh"},
		"in another language, another one":    {query: "fisheries agreement with Brazil", passage: "挪威和智利签署渔业协定。", language: "zh", other: true},
		"in another language, no country":     {query: "fisheries agreement with Brazil", passage: "渔业协定。", language: "zh"},
		"in another language, another town":   {query: "agreement signed in Lima", passage: "挪威和智利签署渔业协定。", language: "zh"},
		"in another language, only the names": {query: "Chile weather", passage: "智利签署渔业协定。", language: "zh"},
	} {
		language := test.language
		if language == "" {
			language = "en"
		}
		terms := map[string][]lexical.Term{language: nil, "en": lexical.QueryTerms(test.query, "en")}
		n := findNames(question{text: test.query, language: "en"}, terms)
		passages := map[document.PassageKey]document.PassageTerms{}
		for ordinal, text := range []string{test.passage, test.beside} {
			passages[document.PassageKey{Document: "d", Ordinal: ordinal}] = document.PassageTerms{
				Language: language, IDs: lexical.IDs(lexical.Terms(text, language)),
			}
		}
		n.addPassages(passages)
		key := document.PassageKey{Document: "d"}
		want := nameEvidence{other: test.other, bare: test.bare}
		if got := n.evidence(key, passages[key], language != "en"); got != want {
			t.Errorf("%s: %q about %q: %+v, want %+v", name, test.passage, test.query, got, want)
		}
	}
}
