package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

func TestTermsAreCached(t *testing.T) {
	caches := newQueryCaches(10)
	queryTerms := caches.queryTerms
	passageTerms := func(text, language string) []lexical.Term {
		return caches.passageTerms(document.Passage{Text: text, LanguageCode: language})
	}
	long := strings.Repeat("ports ", maxCachedBytes/len("ports ")+1)
	for _, test := range []struct {
		name           string
		get, read      func(text, language string) []lexical.Term
		text, language string
		cached         bool
	}{
		{"query", queryTerms, lexical.QueryTerms, "ports NOT airports", "en", true},
		{"same query in another language", queryTerms, lexical.QueryTerms, "ports NOT airports", "de", true},
		{"query without terms", queryTerms, lexical.QueryTerms, "?", "en", true},
		{"long query", queryTerms, lexical.QueryTerms, long, "en", false},
		{"passage with the text of a query", passageTerms, lexical.Terms, "ports NOT airports", "en", true},
		{"long passage", passageTerms, lexical.Terms, long, "en", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			first := test.get(test.text, test.language)
			if diff := cmp.Diff(test.read(test.text, test.language), first); diff != "" {
				t.Errorf("first terms (-want +got):\n%s", diff)
			}
			again := test.get(test.text, test.language)
			if diff := cmp.Diff(first, again); diff != "" {
				t.Errorf("terms of the second call (-want +got):\n%s", diff)
			}
			if len(first) > 0 && (&first[0] == &again[0]) != test.cached {
				t.Errorf("cached: %t, want %t", !test.cached, test.cached)
			}
		})
	}
}
