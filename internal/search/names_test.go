package search

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestNameEvidence checks how the evidence on names depends on the passage, on other passages of
// its document, and on the language.
func TestNameEvidence(t *testing.T) {
	t.Parallel()
	const (
		wuhan = "武汉电池厂年产电池两百万块。"
		zh    = "zh"
	)
	const chile = "Norway and Chile signed a fisheries agreement in Santiago."
	for name, test := range map[string]struct {
		query, passage, beside string
		language               string // language of the passage, if not English
		nowhere                string // words of the query that no passage contains
		other, bare            bool
		city, absent           bool
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
		"another spelling of the name":        {query: "fisheries office in Århus", passage: "The fisheries office is in Aarhus."},
		"a name that is spelt otherwise":      {query: "fisheries office in Århus", passage: "The fisheries office is in Aabenraa.", other: true},
		"a person, in Hindi":                  {query: "सुनीता देशमुख पुस्तकालय", passage: "सुनीता देशमुख ने पुस्तकालय खोला।", language: "hi"},
		"another person, in Hindi":            {query: "कविता शर्मा पुस्तकालय", passage: "सुनीता देशमुख ने पुस्तकालय खोला।", language: "hi", nowhere: "शर्मा", other: true, absent: true},
		"another person, in Thai":             {query: "ประยุทธ แก้วมณี โรงเรียน", passage: "สมชาย วงศ์ทอง เปิดโรงเรียน", language: "th", nowhere: "ประยุทธ", other: true, absent: true},
		"a person, in Korean":                 {query: "윤태호는 어디에 영화관을 열었습니까?", passage: "윤태호가 강릉에 영화관을 열었다.", language: "ko"},
		"another person, in Korean":           {query: "박지훈은 어디에 영화관을 열었습니까?", passage: "윤태호가 강릉에 영화관을 열었다.", language: "ko", nowhere: "박지훈", other: true, absent: true},
		"no name":                             {query: "fisheries law", passage: chile},
		"in another language, the country":    {query: "fisheries agreement with Chile", passage: "挪威和智利签署渔业协定。", language: "zh"},
		"in another language, another one":    {query: "fisheries agreement with Brazil", passage: "挪威和智利签署渔业协定。", language: "zh", other: true},
		"in another language, no country":     {query: "fisheries agreement with Brazil", passage: "渔业协定。", language: "zh"},
		"in another language, another town":   {query: "agreement signed in Lima", passage: "挪威和智利签署渔业协定。", language: "zh"},
		"a city":                              {query: "武汉电池厂", passage: wuhan, language: zh},
		"another city":                        {query: "合肥电池厂", passage: wuhan, language: zh, other: true, city: true},
		"another city, and the document":      {query: "合肥电池厂", passage: wuhan, beside: "合肥的天气", language: zh},
		"a city, and the passage has none":    {query: "合肥电池厂", passage: "电池厂年产两百万块。", language: zh},
		"the city, and nothing else":          {query: "武汉天气", passage: wuhan, language: zh, bare: true},
		"the city, and a part of the rest":    {query: "武汉电池价格", passage: wuhan, language: zh},
		"a name and a word that nothing has":  {query: "fisheries agreement with Chile price", passage: chile, nowhere: "price", bare: true},
		"a question with such a word":         {query: "Who paid for the agreement with Chile?", passage: chile, nowhere: "paid"},
		"a name that nothing has":             {query: "Who spoke in Lima?", passage: chile, nowhere: "Lima", other: true, absent: true},
		"in another language, only the names": {query: "Chile weather", passage: "智利签署渔业协定。", language: "zh"},
	} {
		language := test.language
		if language == "" {
			language = "en"
		}
		asked := "en"
		for script, table := range map[string]*unicode.RangeTable{zh: unicode.Han, "hi": unicode.Devanagari, "th": unicode.Thai, "ko": unicode.Hangul} {
			if strings.ContainsFunc(test.query, func(r rune) bool { return unicode.Is(table, r) }) {
				asked = script
			}
		}
		terms := map[string][]lexical.Term{language: nil, asked: lexical.QueryTerms(test.query, asked)}
		n := findNames(question{text: test.query, language: asked}, terms)
		n.findAbsent(queryOver(terms[asked], lexical.IDs(lexical.QueryTerms(test.nowhere, asked))))
		passages := map[document.PassageKey]document.PassageTerms{}
		for ordinal, text := range []string{test.passage, test.beside} {
			passages[document.PassageKey{Document: "d", Ordinal: ordinal}] = document.PassageTerms{
				Language: language, IDs: lexical.IDs(lexical.Terms(text, language)),
			}
		}
		n.addPassages(passages)
		key := document.PassageKey{Document: "d"}
		want := nameEvidence{other: test.other, bare: test.bare, city: test.city, absent: test.absent}
		if got := n.evidence(key, passages[key], language != asked); got != want {
			t.Errorf("%s: %q about %q: %+v, want %+v", name, test.passage, test.query, got, want)
		}
	}
}

// queryOver returns a query with the given terms. Passages contain each of them, except for
// those in nowhere.
func queryOver(terms []lexical.Term, nowhere []int32) lexical.Query {
	counts := lexical.Counts{Passages: 9, Holding: map[int32]int{}}
	for _, id := range lexical.IDs(terms) {
		if !slices.Contains(nowhere, id) {
			counts.Holding[id] = 1
		}
	}
	return lexical.NewQuery(terms, counts)
}

// TestAbsentHan checks that absentHan is true only if no passage contains either of two
// neighbouring Chinese characters, other than those with which questions are asked.
func TestAbsentHan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, nowhere string
		want           bool
	}{
		{"烟草关税", "烟草", true},
		{"烟草关税", "烟", false},
		{"烟草关税", "烟关", false}, // not neighbours
		{"关税是多少", "是多少", false},
		{"税", "税", false},
		{"tobacco tariff", "tobacco", false},
	} {
		terms, nowhere := lexical.QueryTerms(test.query, "zh"), []int32(nil)
		for _, r := range test.nowhere {
			nowhere = append(nowhere, lexical.IDs(lexical.Terms(string(r), "zh"))...)
		}
		if got := absentHan(queryOver(terms, nowhere), terms); got != test.want {
			t.Errorf("%q, and nothing has %q: %t, want %t", test.query, test.nowhere, got, test.want)
		}
	}
}
