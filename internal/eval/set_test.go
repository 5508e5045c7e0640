package eval

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder writes files to a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// small is a judged set of four passages in two languages.
func small() map[string]string {
	return map[string]string{
		"corpus.jsonl": `{"_id": "a-en", "title": "Trade", "text": "Both sides agreed on trade.", "lang": "en"}
{"_id": "a-zh", "text": "双方就贸易达成一致。", "language": "zh-Hans", "metadata": {}}

{"_id": "b-en", "text": "The port opened in November.", "lang": "en"}
{"_id": "b-zh", "text": "该港口于十一月启用。"}
`,
		"queries.jsonl": `{"_id": "q1", "text": "what was agreed on trade", "lang": "en"}
{"_id": "q2", "text": "港口何时启用"}
{"_id": "q3", "text": "who won the match", "lang": "en"}
`,
		"qrels.tsv":    "query-id\tcorpus-id\tscore\nq1\ta-en\t1\nq1\ta-zh\t1\nq2\tb-zh\t1\nq2\tb-en\t2\n",
		"qrels.en.tsv": "q1\ta-en\t1\n",
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := folder(t, small())
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	corpus := filepath.Join(dir, CorpusFile)
	want := &Set{
		Passages: []Passage{
			{ID: "a-en", Title: "Trade", Text: "Both sides agreed on trade.", Language: "en", Place: corpus + ":1"},
			{ID: "a-zh", Text: "双方就贸易达成一致。", Language: "zh-Hans", Place: corpus + ":2"},
			{ID: "b-en", Text: "The port opened in November.", Language: "en", Place: corpus + ":4"},
			{ID: "b-zh", Text: "该港口于十一月启用。", Language: "zh", Place: corpus + ":5"},
		},
		Queries: []Query{
			{ID: "q1", Text: "what was agreed on trade", Language: "en"},
			{ID: "q2", Text: "港口何时启用", Language: "zh"},
			{ID: "q3", Text: "who won the match", Language: "en"},
		},
		Judgements: map[string]Qrels{
			Pool:          {"q1": {"a-en": 1, "a-zh": 1}, "q2": {"b-zh": 1, "b-en": 2}},
			OtherLanguage: {"q1": {"a-zh": 1}, "q2": {"b-en": 2}},
			"en":          {"q1": {"a-en": 1}},
		},
		Digest: got.Digest,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
	if len(got.Digest) != 64 {
		t.Errorf("digest %q, want 64 hexadecimal digits", got.Digest)
	}
}

func TestLoadKeepsGivenOtherLanguage(t *testing.T) {
	t.Parallel()
	files := small()
	files["qrels.other-lang.tsv"] = "q1\ta-zh\t2\n"
	set, err := Load(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Qrels{"q1": {"a-zh": 2}}, set.Judgements[OtherLanguage]); diff != "" {
		t.Errorf("judgements of qrels.other-lang.tsv (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, content, want string }{
		{"not JSON", "corpus.jsonl", "{\"_id\": \"a\", \"text\": \"贸易\"}\n\n{\"_id\":\n", "corpus.jsonl:3: is not a JSON object"},
		{"other type", "corpus.jsonl", `{"_id": 7, "text": "贸易"}`, "corpus.jsonl:1: is not a JSON object of the expected form"},
		{"no id", "corpus.jsonl", `{"text": "贸易"}`, "corpus.jsonl:1: _id is missing"},
		{"no text", "corpus.jsonl", `{"_id": "a", "text": " "}`, `corpus.jsonl:1: text of "a" is missing`},
		{"id twice", "queries.jsonl", "{\"_id\": \"a\", \"text\": \"贸易\"}\n{\"_id\": \"a\", \"text\": \"贸易\"}", `queries.jsonl:2: _id "a" is already used in line 1`},
		{"judgement", "qrels.en.tsv", "q1\n", "qrels.en.tsv:1: has 1 fields"},
		{"no judgements", "qrels.tsv", "query-id\tcorpus-id\tscore\n", "qrels.tsv: is missing or has no answers"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(small())
			files[tc.file] = tc.content
			if _, err := Load(folder(t, files)); err == nil || !strings.Contains(err.Error(), string(filepath.Separator)+tc.want) {
				t.Errorf("Load: %v, want %q", err, tc.want)
			}
		})
	}
	for _, missing := range []string{"corpus.jsonl", "queries.jsonl", "qrels.tsv"} {
		t.Run("without "+missing, func(t *testing.T) {
			t.Parallel()
			files := small()
			delete(files, missing)
			if _, err := Load(folder(t, files)); err == nil || !strings.Contains(err.Error(), missing) {
				t.Errorf("Load: %v, want one that names the file", err)
			}
		})
	}
}

func TestDirections(t *testing.T) {
	t.Parallel()
	files := small()
	files["qrels.tsv"] += "q1\tnowhere\t1\nunasked\ta-en\t1\n" // judgements of an unknown passage and of an unknown query have no direction
	set, err := Load(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	want := map[Direction]Qrels{
		{"en", "en"}: {"q1": {"a-en": 1}}, {"en", "zh"}: {"q1": {"a-zh": 1}},
		{"zh", "en"}: {"q2": {"b-en": 2}}, {"zh", "zh"}: {"q2": {"b-zh": 1}},
	}
	if diff := cmp.Diff(want, set.Directions()); diff != "" {
		t.Errorf("Directions (-want +got):\n%s", diff)
	}
	if got := (Direction{"en", "zh"}).String(); got != "en-zh" {
		t.Errorf("String() = %q", got)
	}
}

func TestOwnLanguage(t *testing.T) {
	t.Parallel()
	set, err := Load(folder(t, small()))
	if err != nil {
		t.Fatal(err)
	}
	eleven := append(strings.Split(strings.Repeat("a-en ", 9)+"a-zh", " "), "a-zh")
	got := set.OwnLanguage(Run[string]{"q1": eleven, "q2": {"b-en", "b-zh", "a-en", "a-zh"}, "q3": {"a-zh"}})
	if diff := cmp.Diff(map[string]float64{"en": 0.9, "zh": 0.5}, got, closeTo); diff != "" {
		t.Errorf("OwnLanguage (-want +got):\n%s", diff)
	}
	want := Run[string]{"q1": {"a-zh", "a-zh"}, "q2": {"b-en", "a-en"}, "q3": {"a-zh"}}
	cut := set.Cut(Run[string]{"q1": {"b-zh", "a-en", "a-zh"}, "q2": {"b-en"}}, "zh")
	if diff := cmp.Diff(Run[string]{"q1": {"b-zh", "a-zh"}, "q2": {}}, cut); diff != "" {
		t.Errorf("Cut (-want +got):\n%s", diff)
	}
	without := set.WithoutOwn(Run[string]{"q1": eleven, "q2": {"b-en", "b-zh", "a-en", "a-zh"}, "q3": {"a-zh"}})
	if diff := cmp.Diff(want, without); diff != "" {
		t.Errorf("WithoutOwn (-want +got):\n%s", diff)
	}
}
