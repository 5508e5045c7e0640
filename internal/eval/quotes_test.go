package eval

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadQuotes(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"dev.jsonl": `{"id": "s1", "query": "trade", "lang": "en", "relevant": [{"file": "a.txt", "document": 1, "quote": "on trade", "grade": 2}]}
{"id": "n1", "query": "战争", "lang": "zh", "relevant": []}
`, "short.jsonl": `{"id": "a1", "query": "visas", "lang": "en", "answerable": true}
{"id": "a2", "query": "guerra", "lang": "es", "answerable": false}
{"id": "a3", "query": "peace", "lang": "en"}
`})
	got, err := LoadQuotes(filepath.Join(dir, "dev.jsonl"), filepath.Join(dir, "short.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	want := []QuotedQuery{
		{Query: Query{ID: "s1", Text: "trade", Language: "en"}, Relevant: []Quote{{File: "a.txt", Quote: "on trade", Grade: 2}}, Answerable: true},
		{Query: Query{ID: "n1", Text: "战争", Language: "zh"}, Relevant: []Quote{}},
		{Query: Query{ID: "a1", Text: "visas", Language: "en"}, Answerable: true, Unquoted: true},
		{Query: Query{ID: "a2", Text: "guerra", Language: "es"}, Unquoted: true},
		{Query: Query{ID: "a3", Text: "peace", Language: "en"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LoadQuotes (-want +got):\n%s", diff)
	}
}

func TestLoadQuotesRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, content, want string }{
		{"not JSON", "[]\n", "dev.jsonl:1: is not a JSON object"},
		{"no id", `{"query": "x"}`, "dev.jsonl:1: id is missing"},
		{"id twice", "{\"id\": \"a\", \"query\": \"x\"}\n{\"id\": \"a\", \"query\": \"y\"}", `id "a" is already used by `},
		{"no relevant, yet answerable", `{"id": "a", "query": "x", "relevant": [], "answerable": true}`, `dev.jsonl:1: answerable of "a" is true, and relevant has 0 quotes`},
		{"no query", `{"id": "a"}`, `dev.jsonl:1: query of "a" is missing`},
		{"no grade", `{"id": "a", "query": "x", "relevant": [{"quote": "y"}]}`, `dev.jsonl:1: relevant[0] of "a"`},
		{"no quote", `{"id": "a", "query": "x", "relevant": [{"quote": " ", "grade": 1}]}`, `dev.jsonl:1: relevant[0] of "a"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(folder(t, map[string]string{"dev.jsonl": tc.content}), "dev.jsonl")
			if _, err := LoadQuotes(file); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("LoadQuotes: %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLoadQuotesTwice(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"a.jsonl": "\n{\"id\": \"q\", \"query\": \"x\"}\n", "b.jsonl": `{"id": "q", "query": "y"}`})
	a, b := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "b.jsonl")
	_, err := LoadQuotes(a, b)
	if want := b + `:1: id "q" is already used by ` + a + ":2"; err == nil || err.Error() != want {
		t.Errorf("LoadQuotes: %v, want %s", err, want)
	}
}

func TestAnsweredBy(t *testing.T) {
	t.Parallel()
	q := QuotedQuery{Relevant: []Quote{{"a.txt", "agreed on trade", 2}, {"b.txt", "free ports", 1}}}
	for _, tc := range []struct {
		name    string
		passage Extract
		want    bool
	}{
		{"holds a quote", Extract{"a.txt", "They agreed\non trade."}, true},
		{"holds the second", Extract{"b.txt", "free ports"}, true},
		{"another file", Extract{"b.txt", "agreed on trade"}, false},
		{"other words", Extract{"a.txt", "agreed on ports"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := q.AnsweredBy(tc.passage); got != tc.want {
				t.Errorf("AnsweredBy(%+v) = %t, want %t", tc.passage, got, tc.want)
			}
		})
	}
}

func TestScoreQuotes(t *testing.T) {
	t.Parallel()
	relevant := []Quote{{"a.txt", "agreed on trade", 2}, {"a.txt", "free ports", 1}, {"b.txt", "agreed on trade", 1}}
	grades := []int{2, 1, 1}
	for _, tc := range []struct {
		name  string
		docs  []Extract
		gains []int
	}{
		{"white space apart", []Extract{{"a.txt", "They agreed\n on　trade."}}, []int{2}},
		{"a quote counts once", []Extract{{"a.txt", "agreed on trade"}, {"a.txt", "we agreed on trade"}}, []int{2, 0}},
		{"two quotes in one passage gain the higher", []Extract{{"a.txt", "free ports; agreed on trade"}, {"a.txt", "free ports"}}, []int{2, 0}},
		{"the other file", []Extract{{"b.txt", "agreed on trade"}, {"a.txt", "agreed on trade"}}, []int{1, 2}},
		{"files by their ends", []Extract{{"seeds/b.txt", "agreed on trade"}, {"c.txt", "agreed on trade"}}, []int{1, 0}},
		{"no file", []Extract{{"", "agreed on trade"}}, []int{2}},
		{"nothing", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			queries := []QuotedQuery{{Query: Query{ID: "q"}, Relevant: relevant}, {Query: Query{ID: "none"}}}
			got := ScoreQuotes(queries, Run[Extract]{"q": tc.docs, "none": {{"a.txt", "agreed on trade"}}})
			if diff := cmp.Diff(mean([]Measures{measure(tc.gains, grades)}), got, closeTo); diff != "" {
				t.Errorf("ScoreQuotes (-want +got):\n%s", diff)
			}
		})
	}
	if relevant[0].Quote != "agreed on trade" {
		t.Errorf("the judgement became %q", relevant[0].Quote)
	}
}
