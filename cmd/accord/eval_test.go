package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/eval"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestEvalSet(t *testing.T) {
	t.Parallel()
	model, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL)
	runFile := filepath.Join(t.TempDir(), "run.jsonl")
	r := evaluate(t, "--addr", addr, "--run", runFile, "testdata/judged")

	if r.Model != "instant" || r.Passages != 6 || r.Queries != 3 || r.Unanswerable.Queries != 1 || !strings.HasPrefix(r.Collection, "collections/eval-") {
		t.Errorf("report %+v", r)
	}
	for direction, summary := range r.Directions {
		if summary.Queries != 1 {
			t.Errorf("%s: %d queries, want 1", direction, summary.Queries)
		}
	}
	// The instant model compares common words. Within one language it finds the answer
	// first. It always finds all six passages.
	for _, s := range []eval.Summary{r.Judgements["same-lang"], r.Directions["en-en"], r.Directions["zh-zh"]} {
		if s.Hit1 != 1 || s.NDCG10 != 1 {
			t.Errorf("in one language: %+v, want the answer first", s)
		}
	}
	if pool := r.Judgements[eval.Pool]; pool.Recall10 != 1 || pool.Queries != 2 {
		t.Errorf("pool: %+v, want 2 queries and all answers", pool)
	}
	if len(r.Cuts) != len(r.Directions) {
		t.Errorf("%d cuts for %d directions", len(r.Cuts), len(r.Directions))
	}
	if got, want := len(r.Directions), 4; got != want {
		t.Errorf("%d directions, want %d: %v", got, want, r.Directions)
	}
	agrees(t, r.Judgements[eval.Pool], "--run", runFile, "--qrels", "testdata/judged/qrels.tsv")
	agrees(t, r.Judgements["same-lang"], "--run", runFile, "--qrels", "testdata/judged/qrels.same-lang.tsv")

	got, err := os.ReadFile(runFile + ".zh-en")
	if err != nil {
		t.Fatal(err)
	}
	var line struct {
		QueryID string   `json:"query_id"`
		Docs    []string `json:"docs"`
	}
	if err := json.Unmarshal(got, &line); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	slices.Sort(line.Docs)
	if diff := cmp.Diff([]string{"port-en", "rail-en", "trade/en"}, line.Docs); line.QueryID != "q2" || diff != "" {
		t.Errorf("run of zh-en: query %s (-want +got):\n%s", line.QueryID, diff)
	}

	const sentence = "Experts studied a railway"
	before := passagesEmbedded(model, sentence)
	again := evaluate(t, "--addr", addr, "--delete", "testdata/judged")
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("a second run (-first +second):\n%s", diff)
	}
	if after := passagesEmbedded(model, sentence); before == 0 || after != before {
		t.Errorf("passages were embedded %d times, then %d; want the second run to reuse the first import", before, after)
	}
	conn, err := clientFlags{Addr: addr}.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	left, err := accordv1.NewCollectionServiceClient(conn).ListCollections(t.Context(), &accordv1.ListCollectionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range left.GetCollections() {
		if c.GetName() == r.Collection {
			t.Errorf("%s was not deleted", c.GetName())
		}
	}
}

func TestEvalQuotes(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL, "--seed", "testdata/quoted/files")
	runFile := filepath.Join(t.TempDir(), "run.jsonl")
	r := evaluate(t, "--addr", addr, "--run", runFile, "testdata/quoted")
	quotes := r.Judgements["quotes"]
	if quotes.Queries != 2 || quotes.Hit1 != 1 || r.Queries != 3 || r.Unanswerable.Queries != 1 || r.Collection != "collections/default" {
		t.Errorf("report %+v; want the answers of two queries first, and one without", r)
	}
	agrees(t, quotes, "--run", runFile, "--seeds", "testdata/quoted/dev.jsonl")
}

func TestEvalText(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"eval", "--addr", serveJudged(t, modelURL), "--collection", "collections/mine", "testdata/judged"}, streams{out: &out, err: &errs})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{
		"testdata/judged in collections/mine (instant): 3 queries, of these 1 without an answer",
		"queries  nDCG@10  MRR@10    R@10   R@100     MAP   Hit@1",
		"en-en        1   1.0000  1.0000  1.0000  1.0000  1.0000  1.0000",
		"first ten in the query's own language: en 0.500 zh 0.500",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output\n%s\nlacks %q", out.String(), want)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	t.Parallel()
	_, modelURL := instantModel(t)
	addr := serveJudged(t, modelURL)
	for _, tc := range []struct {
		name  string
		files map[string]string
		args  []string
		code  int
		says  string
	}{
		{name: "no set", code: 1, says: "has neither corpus.jsonl nor other .jsonl files"},
		{
			name: "bad line", files: map[string]string{"corpus.jsonl": "{\"_id\": \"a\", \"text\": \"x\"}\n{}\n"},
			code: 1, says: "corpus.jsonl:2: _id is missing",
		},
		{
			name: "passage that the server refuses",
			files: map[string]string{
				"corpus.jsonl":  "{\"_id\": \"a\", \"text\": \"On trade.\"}\n\n{\"_id\": \"b\", \"text\": \"x\\u0000y\"}\n",
				"queries.jsonl": `{"_id": "q", "text": "trade"}`, "qrels.tsv": "q\ta\t1\n",
			},
			code: 1, says: "corpus.jsonl:3: b: document.text",
		},
		{
			name: "query that the server refuses",
			files: map[string]string{
				"corpus.jsonl":  `{"_id": "a", "text": "On trade."}`,
				"queries.jsonl": `{"_id": "q9", "text": "` + strings.Repeat("x", 2001) + `"}`, "qrels.tsv": "q9\ta\t1\n",
			},
			code: 1, says: "query q9: ",
		},
		{
			name: "quotes to delete", files: map[string]string{"dev.jsonl": `{"id": "q", "query": "x"}`},
			args: []string{"--delete"}, code: 1, says: "--delete: this command does not delete",
		},
		{name: "deletes another's", args: []string{"--delete", "--collection", "collections/x"}, code: 2, says: "leave out --collection"},
		{name: "no concurrency", args: []string{"--concurrency", "0"}, code: 2, says: "--concurrency must be at least 1"},
		{name: "no time", args: []string{"--timeout", "0s"}, code: 2, says: "--timeout must be above 0"},
		{name: "collection", args: []string{"--collection", "x/y"}, code: 2, says: `--collection: "x/y" is not a collection`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, content := range tc.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), append([]string{"eval", "--addr", addr, dir}, tc.args...), streams{out: &out, err: &errs})
			if code != tc.code || !strings.Contains(errs.String(), tc.says) {
				t.Errorf("exit code %d, %s; want %d and %q", code, errs.String(), tc.code, tc.says)
			}
		})
	}
}

func TestPassageDocumentID(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, id := range []string{"xq06-0-en", "a", "A", "a/b", "a b", "数字", "-", strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x ", 64)} {
		got := passageDocumentID(id)
		if !document.ValidID(got) {
			t.Errorf("passageDocumentID(%q) = %q, which is not a valid id", id, got)
		}
		if document.ValidID(id) && got != id {
			t.Errorf("passageDocumentID(%q) = %q, want it unchanged", id, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q both become %q", id, other, got)
		}
		seen[got] = id
	}
}
