package search_test

import (
	"testing"

	"github.com/accord-search/accord/internal/search"
)

// TestLanguageOfFewWords: one or two words are read in a plausible language whose passages hold
// them, and their terms are counted once.
func TestLanguageOfFewWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query   string
		holding map[string]string
		want    string
	}{
		{"hospital", map[string]string{"en": "the hospital"}, "en"},
		{"hospital", map[string]string{"es": "el hospital"}, "es"},
		{"animal hospital", map[string]string{"en": "a hospital for animals"}, "en"},
		{"gift", map[string]string{"de": "Gift im Wasser"}, "de"},
		{"Zug", map[string]string{"en": "zug"}, "de"},                                             // no other language is plausible
		{"gift shop", map[string]string{"de": "das Gift"}, "en"},                                  // de holds half of it
		{"museum of natural history", map[string]string{"es": "museum of natural history"}, "en"}, // long enough to be detected
		{"医院", map[string]string{"en": "医院"}, "zh"},
		{"医院", map[string]string{"ja": "県立医院"}, "ja"},
		{"tvättstuga", map[string]string{"sv": "en tvättstuga"}, "sv"},         // detected as German
		{"varhany", map[string]string{"sv": "varhany"}, "sv"},                  // detected as Indonesian, which the space lacks
		{"varhany", map[string]string{"sv": "varhany", "es": "varhany"}, "id"}, // held in two languages
		{"varhany a sbor", map[string]string{"sv": "varhany a sbor"}, "id"},    // three words
	} {
		f := &fakes{spaceLanguages: []string{"de", "en", "es", "ja", "sv", "zh"}, holding: test.holding}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: test.query, Limit: 1})
		if err != nil || answer.Language != test.want {
			t.Errorf("%q, with %v: %s, error %v; want %s", test.query, test.holding, answer.Language, err, test.want)
		}
		if f.counted != 1 {
			t.Errorf("%q: terms counted %d times, want once", test.query, f.counted)
		}
	}
}
