package search_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/search"
)

// TestRelevance: what each leg makes of a passage's chances, which passages
// MinRelevance leaves, and when nothing is a confident match. Where nothing is
// known of usual similarities, nearness is the similarity itself.
func TestRelevance(t *testing.T) {
	t.Parallel()
	bound := 2.2 * lexical.IDF(0, 0) // the most that BM25 can be for one term where nothing is counted
	type judged struct {
		ID        string
		Relevance float64
	}
	near := fakes{near: map[document.PassageKey]float64{key("likely"): 1.3, key("perhaps"): 1.2, key("hardly"): .5}}
	words := fakes{words: map[document.PassageKey]float64{key("most"): .3 * bound, key("some"): .2 * bound}}
	doubtful := fakes{near: map[document.PassageKey]float64{key("perhaps"): 1.2}}
	both := func(share float64) fakes {
		return fakes{near: near.near, words: map[document.PassageKey]float64{key("perhaps"): share * bound}}
	}
	for name, test := range map[string]struct {
		fakes  fakes
		req    search.Request
		want   []judged
		unsure bool
	}{
		"meaning":            {near, search.Request{Mode: search.ModeSemantic}, []judged{{"likely", .5866}, {"perhaps", .4378}, {"hardly", .0115}}, false},
		"words":              {words, search.Request{Mode: search.ModeLexical}, []judged{{"most", .7858}, {"some", .3318}}, false},
		"at least":           {near, search.Request{Language: "es", MinRelevance: .3}, []judged{{"likely", .5866}, {"perhaps", .4378}}, false},
		"above all, yet one": {near, search.Request{Language: "es", MinRelevance: .9}, nil, false},
		"none is likely":     {doubtful, search.Request{Language: "es"}, []judged{{"perhaps", .4378}}, true},
		"nothing is there":   {fakes{}, search.Request{}, nil, true},
		"nothing may pass": {
			near, search.Request{Policy: search.PolicyQueryLanguage, Language: "es", Filter: document.Filter{Languages: []string{"en"}}}, nil, true,
		},
		"few of the words, in the query's language": {
			both(.1), search.Request{Language: "en"}, []judged{{"perhaps", .19}, {"likely", .1141}, {"hardly", .0011}}, true,
		},
		"few of the words, in another": {
			both(.1), search.Request{Language: "es"}, []judged{{"perhaps", .4378}, {"likely", .5866}, {"hardly", .0115}}, false,
		},
		"most of the words, in another": {
			both(.8), search.Request{Language: "es"}, []judged{{"perhaps", .999}, {"likely", .5866}, {"hardly", .0115}}, false,
		},
		"the article that is named": {
			fakes{
				near: doubtful.near, weak: map[document.PassageKey]float64{key("perhaps"): 0},
				articles: []document.Article{{PassageKey: key("perhaps"), Label: "Article 3"}},
			},
			search.Request{Query: "Article 3"},
			[]judged{{"perhaps", .9}},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.req.Limit = 9
			if test.req.Query == "" {
				test.req.Query = "trade"
			}
			answer, err := test.fakes.searcher().Search(t.Context(), test.req)
			if err != nil {
				t.Fatal(err)
			}
			var got []judged
			for _, h := range answer.Hits {
				got = append(got, judged{h.Document.ID, float64(h.Relevance)})
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(0, 1e-4)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if answer.NoConfidentMatch != test.unsure {
				t.Errorf("no confident match: %v, want %v", answer.NoConfidentMatch, test.unsure)
			}
		})
	}
}

// TestMinRelevanceAsSeen: a caller who asks for at least the relevance that a
// passage was given gets that passage.
func TestMinRelevanceAsSeen(t *testing.T) {
	t.Parallel()
	f := fakes{near: map[document.PassageKey]float64{key("a"): 1.911, key("b"): 1.777, key("c"): 1.333}}
	all, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range all.Hits {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "trade", Limit: 9, MinRelevance: h.Relevance})
		if err != nil || len(answer.Hits) != i+1 {
			t.Errorf("at least %v: %d hits, want %d; error %v", h.Relevance, len(answer.Hits), i+1, err)
		}
	}
}
