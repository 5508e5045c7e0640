package search_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestConfidence checks the confidence of answers of each leg, and which passages
// MinRelevance keeps. Without a calibration, a similarity is its own z-score.
func TestConfidence(t *testing.T) {
	t.Parallel()
	near := fakes{near: map[document.PassageKey]float64{key("likely"): .8, key("perhaps"): .6, key("hardly"): .05}}
	words := fakes{
		words: map[document.PassageKey]float64{key("whole"): 2, key("half"): 1},
		texts: map[document.PassageKey]string{key("whole"): "harbour bridge", key("half"): "harbour"},
	}
	doubtful := fakes{near: map[document.PassageKey]float64{key("perhaps"): .6, key("other"): .5}}
	both := func(text string) fakes {
		return fakes{
			near:  map[document.PassageKey]float64{key("perhaps"): .35, key("other"): .3},
			words: map[document.PassageKey]float64{key("perhaps"): 1}, texts: map[document.PassageKey]string{key("perhaps"): text},
		}
	}
	for name, test := range map[string]struct {
		fakes fakes
		req   search.Request
		want  search.Confidence
		first string
		hits  int
	}{
		"near":                             {near, search.Request{Mode: search.ModeSemantic}, search.Confident, "likely", 3},
		"near, and no more":                {near, search.Request{Mode: search.ModeSemantic, MinRelevance: .5}, search.Confident, "likely", 1},
		"confident, yet less than wanted":  {near, search.Request{Mode: search.ModeSemantic, MinRelevance: .99}, search.Confident, "", 0},
		"neither near nor far":             {doubtful, search.Request{Mode: search.ModeSemantic}, search.Uncertain, "perhaps", 2},
		"far":                              {fakes{near: map[document.PassageKey]float64{key("a"): .05, key("b"): .04}}, search.Request{}, search.OffTopic, "a", 2},
		"all words":                        {words, search.Request{Mode: search.ModeLexical}, search.Confident, "whole", 2},
		"half of the words":                {words, search.Request{Mode: search.ModeLexical, MinRelevance: .9}, search.Confident, "whole", 1},
		"near by half, and all words":      {both("harbour bridge"), search.Request{}, search.Confident, "perhaps", 2},
		"near by half, and no words":       {both("trade"), search.Request{}, search.OffTopic, "perhaps", 2},
		"nothing is there":                 {fakes{}, search.Request{}, search.OffTopic, "", 0},
		"nothing may pass":                 {near, search.Request{Policy: search.PolicyQueryLanguage, Language: "es", Filter: document.Filter{Languages: []string{"en"}}}, search.OffTopic, "", 0},
		"the article that the query names": {named(), search.Request{Query: "Article 3"}, search.Confident, "perhaps", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.req.Limit = 9
			if test.req.Query == "" {
				test.req.Query = "harbour bridge"
			}
			if test.req.Language == "" {
				test.req.Language = "en"
			}
			answer, err := test.fakes.searcher().Search(t.Context(), test.req)
			if err != nil {
				t.Fatal(err)
			}
			first := ""
			for i, h := range answer.Hits {
				if i == 0 {
					first = h.Document.ID
				}
				t.Logf("%s: relevance %v", h.Document.ID, h.Relevance)
			}
			if answer.Confidence != test.want || first != test.first || len(answer.Hits) != test.hits {
				t.Errorf("confidence %d, first hit %q of %d; want %d, %q of %d", answer.Confidence, first, len(answer.Hits), test.want, test.first, test.hits)
			}
		})
	}
}

func named() fakes {
	return fakes{
		near: map[document.PassageKey]float64{key("perhaps"): .2}, weak: map[document.PassageKey]float64{key("perhaps"): 0},
		articles: []document.Article{{PassageKey: key("perhaps"), Label: "Article 3"}},
	}
}

// TestMinRelevanceAsSeen: if a caller sets MinRelevance to the relevance of a passage, it
// gets that passage.
func TestMinRelevanceAsSeen(t *testing.T) {
	t.Parallel()
	f := fakes{near: map[document.PassageKey]float64{key("a"): .611, key("b"): .477, key("c"): .333}}
	all, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range all.Hits {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Limit: 9, MinRelevance: h.Relevance})
		if err != nil || len(answer.Hits) != i+1 {
			t.Errorf("relevance of at least %v: %d hits, want %d; error %v", h.Relevance, len(answer.Hits), i+1, err)
		}
	}
}

// TestTranslations: passages in another language that are similar to the best passage come
// right after it, and it lists them. A similar passage in the same language is not moved.
func TestTranslations(t *testing.T) {
	t.Parallel()
	f := fakes{
		near:      map[document.PassageKey]float64{key("best"): .7, key("twin"): .6, key("other"): .5, key("translation"): .2, key("stranger"): .1},
		languages: map[document.PassageKey]string{key("translation"): "zh", key("stranger"): "zh"},
		likeness:  map[document.PassageKey]float64{key("translation"): .7, key("stranger"): .2},
	}
	answer, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Language: "en", Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	translations := map[string][]string{}
	for _, h := range answer.Hits {
		order = append(order, h.Document.ID)
		for _, c := range h.Translations {
			translations[h.Document.ID] = append(translations[h.Document.ID], c.Document+" "+c.Language)
		}
	}
	if diff := cmp.Diff([]string{"best", "translation", "twin", "other", "stranger"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want := map[string][]string{"best": {"translation zh"}, "translation": {"best en"}}
	if diff := cmp.Diff(want, translations); diff != "" {
		t.Errorf("translations (-want +got):\n%s", diff)
	}
	grouped, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Language: "en", Limit: 9, GroupTranslations: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(grouped.Hits) != 4 || grouped.Hits[0].Translations[0].Passage == nil {
		t.Errorf("grouped: %d hits, want 4, and the first with its translation's text", len(grouped.Hits))
	}
}

// TestOtherNumber: a passage that is similar to the best one, but does not contain the
// number in the query, is not its translation.
func TestOtherNumber(t *testing.T) {
	t.Parallel()
	f := fakes{
		near:      map[document.PassageKey]float64{key("nine"): .7, key("seven"): .2},
		languages: map[document.PassageKey]string{key("seven"): "zh"},
		likeness:  map[document.PassageKey]float64{key("seven"): .8},
		texts:     map[document.PassageKey]string{key("nine"): "bus 9", key("seven"): "7"},
	}
	answer, err := f.searcher().Search(t.Context(), search.Request{Query: "bus 9", Language: "en", Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	if first := answer.Hits[0]; first.Document.ID != "nine" || len(first.Translations) > 0 {
		t.Errorf("first hit %s, translations %v; want nine and no translations", first.Document.ID, first.Translations)
	}
	if second := answer.Hits[1]; second.Relevance >= .5 {
		t.Errorf("the passage with another number has relevance %v, want less than .5", second.Relevance)
	}
}

// TestContradiction: a passage about something else of the same kind as the query is not a
// confident answer, however similar it is.
func TestContradiction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, text, other string }{
		{"hepatitis A", "Hepatitis A vaccine", "Hepatitis B vaccine"},
		{"vitamin D", "vitamin D in food", "vitamin C in food"},
		{"C# course", "The C# course", "The C++ course"},
		{"Windows 11", "Windows 11 costs", "Windows 10 costs"},
	} {
		for _, mode := range []search.Mode{search.ModeHybrid, search.ModeLexical} {
			for _, text := range []string{test.text, test.other} {
				f := fakes{
					near:  map[document.PassageKey]float64{key("a"): .75},
					words: map[document.PassageKey]float64{key("a"): 1}, texts: map[document.PassageKey]string{key("a"): text},
				}
				answer, err := f.searcher().Search(t.Context(), search.Request{Query: test.query, Language: "en", Mode: mode, Limit: 9})
				if err != nil {
					t.Fatal(err)
				}
				want := search.Confident
				if text == test.other {
					want = search.Uncertain
				}
				if answer.Confidence != want {
					t.Errorf("%q, mode %d, by %q: confidence %d, relevance %v; want confidence %d", test.query, mode, text, answer.Confidence, answer.Hits[0].Relevance, want)
				}
			}
		}
	}
}
