package search_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestNamedArticles: an article that the question names by number comes first, whatever its
// other scores. If the question names a year, the article of that year comes before others.
func TestNamedArticles(t *testing.T) {
	t.Parallel()
	article := func(id, label string, inYear bool) document.Article {
		return document.Article{PassageKey: key(id), Label: label, InYear: inYear}
	}
	articles := []document.Article{
		article("of-the-year", "三", true), article("weak", "Article 3", false), article("near", "四", true), article("mentions", "3.1", true),
	}
	near := map[document.PassageKey]float64{key("near"): 5, key("mentions"): 4, key("weak"): 1}
	words := map[document.PassageKey]float64{key("near"): 1, key("of-the-year"): 1, key("weak"): 1}
	for query, want := range map[string][]string{
		"Article 3 of the 2016 statement":       {"of-the-year", "weak", "near", "mentions"},
		"2016年联合声明第三条":                          {"of-the-year", "weak", "near", "mentions"},
		"第三条":                                   {"weak", "of-the-year", "near", "mentions"}, // in the order of the other scores
		"artículo 4":                            {"near", "mentions", "weak"},
		"what was said of 3 ports":              {"near", "mentions", "weak"},
		"what does Article 9 of the treaty say": {"near", "mentions", "weak"},
	} {
		f := &fakes{near: near, far: map[document.PassageKey]float64{key("of-the-year"): 0}, weak: words, articles: articles}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range answer.Hits {
			got = append(got, h.Document.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestNamedArticleLikeAYear: the number of an article is not a year that its document should be
// of, even if it could be one.
func TestNamedArticleLikeAYear(t *testing.T) {
	t.Parallel()
	f := &fakes{
		near:     map[document.PassageKey]float64{key("inherit"): -9},
		weak:     map[document.PassageKey]float64{key("inherit"): 1},
		articles: []document.Article{{PassageKey: key("inherit"), Label: "§ 1922", Language: "de"}},
	}
	for query, want := range map[string]bool{"§ 1922": true, "Artikel 1922": true, "§ 1922 von 1999": false} {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Hits) != 1 || answer.Hits[0].Relevance > .8 != want {
			t.Errorf("%s: %+v, want one result with high relevance: %t", query, answer.Hits, want)
		}
	}
}

// TestNamedArticleOfChapter: if articles have the same number, the one in the chapter that the
// question names comes first, in whatever language, even if another one is nearer.
func TestNamedArticleOfChapter(t *testing.T) {
	t.Parallel()
	f := &fakes{
		near: map[document.PassageKey]float64{key("first"): 5, key("second"): 1},
		weak: map[document.PassageKey]float64{key("first"): 1, key("second"): 1},
		articles: []document.Article{
			{PassageKey: key("first"), Label: "Article 3", LabelPath: []string{"Chapter I", "Section 2", "Article 3"}, Language: "en"},
			{PassageKey: key("second"), Label: "第三条", LabelPath: []string{"第二章", "第一节", "第三条"}, Language: "zh"},
		},
	}
	for query, want := range map[string]string{
		"article 3": "first", "chapter 2 article 3": "second", "Article 3 of Chapter II": "second", "chapter one, article 3": "first",
		"第二章第三条": "second", "第一章第三条": "first", "第一章第二节第三条": "first", "Artículo 3 del capítulo segundo": "second", "chapter 7 article 3": "first",
	} {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Hits) != 2 || answer.Hits[0].Document.ID != want {
			t.Errorf("%s: got %d results, want %q first", query, len(answer.Hits), want)
		}
	}
}

// TestNamedArticleOfTitle: if articles have the same number, the one of the document whose
// title the question names comes first, even if another one is nearer.
func TestNamedArticleOfTitle(t *testing.T) {
	t.Parallel()
	f := &fakes{
		near: map[document.PassageKey]float64{key("treaty"): 5, key("charter"): 1},
		weak: map[document.PassageKey]float64{key("treaty"): 1, key("charter"): 1},
		articles: []document.Article{
			{PassageKey: key("treaty"), Label: "Article 3", Title: "Fishing Treaty"},
			{PassageKey: key("charter"), Label: "Article III", Title: "The Harbour Charter"},
		},
	}
	for query, want := range map[string]string{
		"Article III of the harbour charter": "charter", "Article III of the fishing treaty": "treaty", "Article 3": "treaty",
	} {
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Language: "en", Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Hits) == 0 || answer.Hits[0].Document.ID != want {
			t.Errorf("%q: %+v first, want %s", query, answer.Hits, want)
		}
	}
}

// TestNeighbours: the passages before a hit and those after it are separate lists.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	for ordinal, want := range map[int][2][]int{0: {nil, {1, 2}}, 1: {{0}, {2, 3}}, 5: {{3, 4}, {6, 7}}} {
		f := &fakes{near: map[document.PassageKey]float64{{Document: "d", Ordinal: ordinal}: 1}}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: "who?", Limit: 1, Context: 2})
		if err != nil {
			t.Fatal(err)
		}
		ordinals := func(list []document.Passage) (out []int) {
			for _, p := range list {
				out = append(out, p.Ordinal)
			}
			return out
		}
		hit := answer.Hits[0]
		if diff := cmp.Diff(want, [2][]int{ordinals(hit.Previous), ordinals(hit.Next)}); diff != "" {
			t.Errorf("neighbours of passage %d (-want +got):\n%s", ordinal, diff)
		}
	}
}
