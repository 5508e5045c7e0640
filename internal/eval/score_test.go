package eval

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scorer is an independent implementation of the measures, outside the repository.
const scorer = "../../../shared/eval/score.py"

// score returns the line of means that scorer prints.
func score(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := os.Stat(scorer); err != nil {
		t.Skip("no other implementation to agree with:", err)
	}
	out, err := exec.CommandContext(t.Context(), "python3", append([]string{scorer}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", scorer, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if means, ok := strings.CutPrefix(line, "all "); ok {
			return strings.TrimSpace(means)
		}
	}
	t.Fatalf("%s printed no means:\n%s", scorer, out)
	return ""
}

// means formats a summary as scorer does.
func means(s Summary) string {
	return fmt.Sprintf("nDCG@10 %.4f  MRR@10 %.4f  R@10 %.4f  R@100 %.4f  MAP %.4f  Hit@1 %.4f",
		s.NDCG10, s.MRR10, s.Recall10, s.Recall100, s.MAP, s.Hit1)
}

func TestScoreAgrees(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	qrels, run := Qrels{}, Run[string]{}
	var judged strings.Builder
	var queries []Query
	for i := range 60 {
		query := fmt.Sprintf("q%d", i)
		queries = append(queries, Query{ID: query})
		for range 1 + r.IntN(15) {
			passage, grade := fmt.Sprintf("p%d", r.IntN(200)), r.IntN(4) // 0 means not an answer
			if grade > 0 {
				qrels.add(query, passage, grade)
			}
			if grade > 0 || qrels[query][passage] == 0 {
				fmt.Fprintf(&judged, "%s\t%s\t%d\n", query, passage, grade)
			}
		}
		for range r.IntN(150) { // some passages occur twice, and some queries have no passages
			run[query] = append(run[query], fmt.Sprintf("p%d", r.IntN(200)))
		}
	}
	delete(run, "q7") // a query without results
	dir := folder(t, map[string]string{"qrels.tsv": "query-id\tcorpus-id\tscore\n" + judged.String()})
	file := filepath.Join(dir, "run.jsonl")
	if err := run.Write(file, queries); err != nil {
		t.Fatal(err)
	}
	want := score(t, "--run", file, "--qrels", filepath.Join(dir, "qrels.tsv"))
	if got := means(qrels.Score(run)); got != want {
		t.Errorf("Score:    %s\nscore.py: %s", got, want)
	}
}

func TestScoreQuotesAgrees(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string { return string(rune('a' + r.IntN(5))) }
	file := func() string { return fmt.Sprintf("%d.txt", r.IntN(2)) }
	var records strings.Builder
	run := Run[Extract]{}
	var queries []Query
	for i := range 40 {
		q := quotedRecord{ID: fmt.Sprintf("q%d", i), Query: "x", Lang: "en", Relevant: []Quote{}}
		for range r.IntN(5) {
			q.Relevant = append(q.Relevant, Quote{File: file(), Quote: word() + " " + word(), Grade: 1 + r.IntN(2)})
		}
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		records.Write(append(line, '\n'))
		queries = append(queries, Query{ID: q.ID})
		for range 60 {
			extract := Extract{File: "seeds/" + file(), Text: strings.Repeat(word()+"\n\u3000", 1+r.IntN(3)) + word() + word()}
			run[q.ID] = append(run[q.ID], extract)
		}
	}
	delete(run, "q7")
	dir := folder(t, map[string]string{"dev.jsonl": records.String()})
	judgedFile, runFile := filepath.Join(dir, "dev.jsonl"), filepath.Join(dir, "run.jsonl")
	if err := run.Write(runFile, queries); err != nil {
		t.Fatal(err)
	}
	judged, err := LoadQuotes(judgedFile)
	if err != nil {
		t.Fatal(err)
	}
	got := ScoreQuotes(judged, run)
	if got.NDCG10 < 0.1 {
		t.Fatalf("nDCG@10 %v: too few hits to compare", got.NDCG10)
	}
	if want := score(t, "--run", runFile, "--seeds", judgedFile); means(got) != want {
		t.Errorf("ScoreQuotes: %s\nscore.py:    %s", means(got), want)
	}
}

func TestRunWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "run.jsonl")
	run := Run[Extract]{"b": {{File: "a.txt", Text: "数字 <b>"}}, "a": nil}
	if err := run.Write(file, []Query{{ID: "a"}, {ID: "b"}, {ID: "c"}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"query_id":"a","docs":[]}
{"query_id":"b","docs":[{"file":"a.txt","text":"数字 <b>"}]}
`
	if string(got) != want {
		t.Errorf("wrote %s, want %s", got, want)
	}
	if err := run.Write(filepath.Join(file, "run"), nil); err == nil {
		t.Error("Write below a file: no error")
	}
}
