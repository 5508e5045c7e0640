package v1_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestCitations checks every highlight and matched term against the text that
// GetDocument returns, in both units, and the neighbours against the document's
// passages.
func TestCitations(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	texts := map[string]string{
		"one":       "Just one sentence of trade.",
		"several":   "Trade grew. Ports grew 👋🏽 too. The talks went on. Nobody knew why. Trade shrank.\n\nIt ended.",
		"cjk":       "　　双方同意加强贸易。港口👩\u200d👧开放！谁知道呢？会谈“结束。”\n　　一、合作。\n　　二、续签。",
		"combining": "Cafe\u0301 de Lim\u00e1. Comercio, \u1100\u1161\u11a8 y ma\u0301s. ¿Qui\u00e9n? Nadie.\n\nOtro pa\u0301rrafo.",
		"long":      strings.Repeat("The same sentence about trade. Another one, on ports. ", 40),
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 10 {
		texts[fmt.Sprintf("random-%d", i)] = randomText(r)
	}
	for id, text := range texts {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s.upsert(t, &accordv1.Document{Name: name(id), Title: "Title", LanguageCode: "en", Text: text})
			stored, passages := s.get(t, name(id)).GetText(), s.passages(t, name(id))
			for _, query := range []string{"trade of the ports", "双方贸易", "Café, word 第三条 ﬁ"} {
				found := s.ask(t, &accordv1.SearchRequest{
					Query: query, PageSize: 100, ContextPassages: 2, Filter: &accordv1.Filter{Documents: []string{name(id)}, Kinds: allKinds},
				})
				if len(found.GetResults()) == 0 {
					t.Fatal("nothing found")
				}
				for _, result := range found.GetResults() {
					checkInside(t, stored, result.GetPassage(), result.GetHighlights())
					checkInside(t, stored, result.GetPassage(), result.GetMatchedTerms())
					checkNeighbours(t, passages, result, 2)
				}
			}
		})
	}
}

// checkInside checks that ranges are the same in code points and in bytes, within the
// passage, in order, and without overlap.
func checkInside(t *testing.T, text string, p *accordv1.Passage, ranges []*accordv1.TextRange) {
	t.Helper()
	codePoints, at := []rune(text), p.GetRange().GetStartByte()
	for _, r := range ranges {
		byBytes, byCodePoints := text[r.GetStartByte():r.GetEndByte()], string(codePoints[r.GetStart():r.GetEnd()])
		if byBytes != byCodePoints || byBytes == "" || strings.TrimSpace(byBytes) != byBytes {
			t.Errorf("range in bytes covers %q, range in code points %q", byBytes, byCodePoints)
		}
		if r.GetStartByte() < at || r.GetEndByte() > p.GetRange().GetEndByte() {
			t.Errorf("%v in passage %v overlaps the range that ends at %d, or ends after the passage", r, p.GetRange(), at)
		}
		at = r.GetEndByte()
	}
}

func checkNeighbours(t *testing.T, passages []*accordv1.Passage, result *accordv1.SearchResult, n int) {
	t.Helper()
	at := int(result.GetPassage().GetOrdinal())
	want := [][]*accordv1.Passage{passages[max(0, at-n):at], passages[at+1 : min(len(passages), at+1+n)]}
	got := [][]*accordv1.Passage{result.GetPreviousPassages(), result.GetNextPassages()}
	for i := range want {
		if !slices.EqualFunc(want[i], got[i], func(a, b *accordv1.Passage) bool { return gocmp.Equal(a, b, protocmp.Transform()) }) {
			t.Errorf("neighbours of passage %d: %v, want %v", at, got[i], want[i])
		}
	}
}

// TestHighlights: for the model server of these tests only equal texts are similar. So the
// highlights are the sentences that equal the query. Without a query vector there are no
// highlights, but matched terms remain.
func TestHighlights(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	text := "The delegations met in Lima. They greeted each other.\n\n" +
		"Nothing was said at first. Then the ports were opened. All ships may call there. Later they had lunch. It rained."
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: text})
	for _, test := range []struct {
		query      string
		mode       accordv1.SearchMode
		highlights string
		words      string
	}{
		{"Then the ports were opened. All ships may call there.", 0, "Then the ports were opened. All ships may call there.", "ports opened All ships call"},
		{"The delegations met in Lima. They greeted each other.", 0, "The delegations met in Lima. They greeted each other.", "delegations met Lima greeted each other"},
		{"the port", accordv1.SearchMode_SEARCH_MODE_LEXICAL, "", "ports"},
	} {
		first := s.ask(t, &accordv1.SearchRequest{Query: test.query, Mode: test.mode}).GetResults()[0]
		got := []string{cut(text, first.GetHighlights()), cut(text, first.GetMatchedTerms())}
		if diff := gocmp.Diff([]string{test.highlights, test.words}, got); diff != "" {
			t.Errorf("%q: highlights and matched terms (-want +got):\n%s", test.query, diff)
		}
	}
}

func cut(text string, ranges []*accordv1.TextRange) string {
	var parts []string
	for _, r := range ranges {
		parts = append(parts, text[r.GetStartByte():r.GetEndByte()])
	}
	return strings.Join(parts, " ")
}

// TestNamedArticles: an article is found by its number in any language, and the article of
// the named year comes first.
func TestNamedArticles(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for id, d := range map[string]struct {
		language, text string
		year           int
	}{
		"zh-2015": {"zh", "一、双方同意。\n二、港口开放。\n三、贸易增长。\n四、本条根据第三条执行。", 2015},
		"zh-2016": {"zh", "第一条 双方同意。\n第二条 港口开放。\n第三条 海关合作。", 2016},
		"es-2016": {"es", "Artículo 1. Se acuerda el comercio.\n\nArtículo 2. Se abren los puertos.", 2016},
		"en":      {"en", "Article 3 of the treaty is much spoken of. Article 3 is article 3.", 0},
	} {
		out := &accordv1.Document{Name: name(id), LanguageCode: d.language, Text: d.text}
		if d.year > 0 {
			out.PublishTime = timestamppb.New(time.Date(d.year, 5, 6, 0, 0, 0, 0, time.UTC))
		}
		s.upsert(t, out)
	}
	for query, sure := range map[string]bool{"Article 3 of the 2016 statement": true, "Article 3 of the 2019 statement": false} {
		first := s.ask(t, &accordv1.SearchRequest{Query: query}).GetResults()[0].GetScores()
		if !first.GetNamedArticle() || sure != (first.GetRelevance() >= 0.9) {
			t.Errorf("%s: the first result has %v", query, first)
		}
	}
	for _, test := range []struct {
		query  string
		filter *accordv1.Filter
		want   []string // the named articles; the order of equally good ones does not matter
	}{
		{"第三条", nil, []string{"zh-2015 三", "zh-2016 第三条"}},
		{"Article 3 of the 2016 statement", nil, []string{"zh-2016 第三条", "zh-2015 三"}},
		{"artículo 2 de la declaración de 2015", nil, []string{"zh-2015 二", "es-2016 Artículo 2", "zh-2016 第二条"}},
		{"article 1", &accordv1.Filter{Languages: []string{"es"}}, []string{"es-2016 Artículo 1"}},
		{"article 1", &accordv1.Filter{Kinds: []accordv1.PassageKind{accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH}}, nil},
		{"Article 21", nil, nil},
		{"三个港口", nil, nil},
	} {
		for _, mode := range []accordv1.SearchMode{accordv1.SearchMode_SEARCH_MODE_HYBRID, accordv1.SearchMode_SEARCH_MODE_LEXICAL} {
			found := s.ask(t, &accordv1.SearchRequest{Query: test.query, Filter: test.filter, Mode: mode})
			var got []string
			for i, r := range found.GetResults() {
				if r.GetScores().GetNamedArticle() {
					got = append(got, strings.TrimPrefix(r.GetDocument().GetName(), name(""))+" "+r.GetPassage().GetLabel())
				}
				if r.GetScores().GetNamedArticle() != (i < len(test.want)) {
					t.Errorf("%s, %v: named is %t for result %d", test.query, mode, r.GetScores().GetNamedArticle(), i)
				}
			}
			if strings.ContainsAny(test.query, "0123456789") && len(got) > 1 {
				slices.Sort(got[1:])
			} else {
				slices.Sort(got)
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, %v (-want +got):\n%s", test.query, mode, diff)
			}
		}
	}
}
