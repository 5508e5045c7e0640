package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/eval"
)

// checkFlags fails the test unless the confidence of every query agrees with its flag.
func checkFlags(t *testing.T, what string, f confidenceCounts, queries int) {
	t.Helper()
	if f.Queries != queries || f.Answered+f.Uncertain+f.OffTopic != queries || f.Flagged != f.Uncertain+f.OffTopic {
		t.Errorf("%s: %+v, want each of %d queries answered, uncertain or off topic, and the last two flagged", what, f, queries)
	}
}

func TestEvalCases(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL)
	r := evaluate(t, "--addr", addr, "testdata/cases.json")

	if r.Passages != 3 || r.Queries != 4 || !strings.HasPrefix(r.Collection, "collections/eval-") {
		t.Errorf("report %+v", r)
	}
	want := &eval.Placements{
		All: eval.Placed{Queries: 3, First: 3, FirstThree: 3}, OwnLanguage: eval.Placed{Queries: 3, First: 3, FirstThree: 3},
		Kinds: map[string]eval.Placed{"keyword": {Queries: 2, First: 2, FirstThree: 2}, "cross": {Queries: 1, First: 1, FirstThree: 1}},
	}
	if diff := cmp.Diff(want, r.Right); diff != "" {
		t.Errorf("right answers (-want +got):\n%s", diff)
	}
	checkFlags(t, "with an answer", r.Answerable, 3)
	checkFlags(t, "without", r.Unanswerable, 1)
	if r.Reliability.Results != 4 || len(r.Reliability.Bins) != 10 {
		t.Errorf("reliability %+v, want that of all four first results", r.Reliability)
	}
	for _, language := range []string{"en", "zh"} {
		if n := r.Nulls[language]; n.Mean <= 0 || n.Deviation <= 0 {
			t.Errorf("null of %s: %+v", language, n)
		}
	}
	words := evaluate(t, "--addr", addr, "--mode", "lexical", "--delete", "testdata/cases.json")
	if words.Right.OwnLanguage.First != 3 || len(words.Nulls) != 0 {
		t.Errorf("lexical mode: %+v, null %v; want answers first and no null", words.Right, words.Nulls)
	}
}

func TestEvalCasesWithoutAnswers(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	content := `{"documents": [{"id": "a", "lang": "en", "text": "On trade."}], "queries": [{"query": "zebra"}, {"query": "fishing", "expected": []}]}`
	file := writeFile(t, t.TempDir(), "none.json", content)
	addr := serveJudged(t, modelURL)
	r := evaluate(t, "--addr", addr, file)
	if r.Right == nil || r.Right.All.Queries != 0 || r.Judgements[eval.Pool].Queries != 0 || r.Reliability.Results != 2 {
		t.Errorf("report %+v", r)
	}
	checkFlags(t, "without", r.Unanswerable, 2)
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"eval", "--addr", addr, "--mode", "lexical", file}, streams{out: &out, err: &errs}); code != 0 {
		t.Errorf("lexical mode without results: exit code %d: %s", code, errs.String())
	}
}

func TestEvalCasesText(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"eval", "--addr", serveJudged(t, modelURL), "testdata/cases.json"}, streams{out: &out, err: &errs})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{
		"queries  answered  uncertain  off topic  no confident match\n",
		"  answer  queries  first  in first three\n",
		" all        3      3               3\n",
		"own language        3      3               3\n",
		"     keyword        2      2               2\n",
		"reliability of 4 first results: expected calibration error 0.",
		"relevance  results   mean  right\n",
		"null, the best similarity to a query that nothing answers: en 0.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output\n%s\nlacks %q", out.String(), want)
		}
	}
}

func TestEvalCasesRefuses(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL)
	for _, tc := range []struct{ name, file, content, says string }{
		{"no file", "", "", "no such file"},
		{"no JSON", "dev.json", "{\n[", "dev.json:2: is not a JSON object"},
		{
			"document that the server refuses", "dev.json",
			`{"documents": [{"id": "a", "text": "x"}, {"id": "b", "text": "x\u0000y"}], "queries": [{"query": "x"}]}`,
			"dev.json: documents[1]: b: document.text",
		},
		{"bad line of a file of its own", "short.jsonl", `{"id": "a"}`, `short.jsonl:1: query of "a" is missing`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			set := filepath.Join(t.TempDir(), "none.json")
			if tc.file != "" {
				set = writeFile(t, t.TempDir(), tc.file, tc.content)
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"eval", "--addr", addr, set}, streams{out: &out, err: &errs})
			if code != 1 || !strings.Contains(errs.String(), tc.says) {
				t.Errorf("exit code %d, %s; want 1 and %q", code, errs.String(), tc.says)
			}
		})
	}
}

// TestEvalAnswerability checks that queries judged only by whether there is an answer count
// in the figures of flags, and in no others.
func TestEvalAnswerability(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL, "--seed", "testdata/quoted/files")
	dir := t.TempDir()
	quoted, err := os.ReadFile("testdata/quoted/dev.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	short := `{"id": "a1", "query": "free trade agreement", "lang": "en", "answerable": true}
{"id": "a2", "query": "zebra vaccination", "lang": "en", "answerable": false}
`
	writeFile(t, dir, "dev.jsonl", string(quoted))
	shortFile := writeFile(t, dir, "short-dev.jsonl", short)
	r := evaluate(t, "--addr", addr, dir)
	if r.Queries != 5 || r.Judgements["quotes"].Queries != 2 || r.Reliability.Results != 3 || r.Right != nil {
		t.Errorf("report %+v; want five queries, two judged by quotes, and the reliability of three", r)
	}
	checkFlags(t, "with an answer", r.Answerable, 3)
	checkFlags(t, "without", r.Unanswerable, 2)
	if one := evaluate(t, "--addr", addr, shortFile); one.Queries != 2 || one.Reliability.Results != 0 {
		t.Errorf("only one file: %+v; want two queries, and the reliability of none", one)
	}
}
