package eval

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallCases has three documents in two languages.
const smallCases = `{"name": "small", "split": "dev", "documents": [
	{"id": "01", "lang": "en", "text": "Both sides agreed on trade."},
	{"id": "02", "lang": "zh", "text": "双方就贸易达成一致。"},
	{"id": "03", "text": "该港口于十一月启用。"}
], "queries": [
	{"id": "q01", "lang": "en", "kind": "keyword", "query": "trade", "expected": ["01", "02"]},
	{"lang": "en", "kind": "cross", "query": "when does the port open", "expected": ["03"]},
	{"query": "足球", "kind": "absent", "expected": []},
	{"query": "war", "lang": "en"}
]}`

func loadCases(t *testing.T, content string) (*Set, string, error) {
	t.Helper()
	file := filepath.Join(folder(t, map[string]string{"dev.json": content}), "dev.json")
	set, err := LoadCases(file)
	return set, file, err
}

func TestLoadCases(t *testing.T) {
	t.Parallel()
	got, file, err := loadCases(t, smallCases)
	if err != nil {
		t.Fatal(err)
	}
	want := &Set{
		Passages: []Passage{
			{ID: "01", Text: "Both sides agreed on trade.", Language: "en", Place: file + ": documents[0]"},
			{ID: "02", Text: "双方就贸易达成一致。", Language: "zh", Place: file + ": documents[1]"},
			{ID: "03", Text: "该港口于十一月启用。", Language: "zh", Place: file + ": documents[2]"},
		},
		Queries: []Query{
			{ID: "q01", Text: "trade", Language: "en", Kind: "keyword"},
			{ID: "q2", Text: "when does the port open", Language: "en", Kind: "cross"},
			{ID: "q3", Text: "足球", Language: "zh", Kind: "absent"},
			{ID: "q4", Text: "war", Language: "en"},
		},
		Judgements: map[string]Qrels{
			Pool:          {"q01": {"01": 1, "02": 1}, "q2": {"03": 1}},
			OtherLanguage: {"q01": {"02": 1}, "q2": {"03": 1}},
		},
		Digest: got.Digest,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LoadCases (-want +got):\n%s", diff)
	}
	other, _, err := loadCases(t, strings.Replace(smallCases, "足球", "网球", 1))
	if err != nil || other.Digest != got.Digest || len(got.Digest) != 64 {
		t.Errorf("with another query: digest %q, error %v; want %q", other.Digest, err, got.Digest)
	}
	other, _, err = loadCases(t, strings.Replace(smallCases, "agreed on trade", "agreed on tariffs", 1))
	if err != nil || other.Digest == got.Digest {
		t.Errorf("with another document: digest %q, error %v; want another", other.Digest, err)
	}
}

func TestLoadCasesRefuses(t *testing.T) {
	t.Parallel()
	const document = `"documents": [{"id": "a", "text": "Trade."}]`
	for _, tc := range []struct{ name, content, want string }{
		{"not JSON", "{\n\"documents\": [}", "dev.json:2: is not a JSON object of the expected form"},
		{"cut short", "{\n", "dev.json:2: is not a JSON object of the expected form"},
		{"other type", "{\"documents\": [\n\n{\"id\": 7}]}", "dev.json:3: is not a JSON object of the expected form"},
		{"no documents", `{"queries": [{"query": "x"}]}`, "dev.json: has 0 documents and 1 queries"},
		{"no queries", `{` + document + `}`, "dev.json: has 1 documents and 0 queries"},
		{"document without id", `{"documents": [{"id": "a", "text": "x"}, {"text": "x"}], "queries": [{"query": "x"}]}`, "dev.json: documents[1]: id is missing"},
		{"document twice", `{"documents": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}], "queries": [{"query": "x"}]}`, `dev.json: documents[1]: id "a" is already used by documents[0]`},
		{"document without text", `{"documents": [{"id": "a", "text": " "}], "queries": [{"query": "x"}]}`, `dev.json: documents[0]: text of "a" is missing`},
		{"query twice", `{` + document + `, "queries": [{"id": "q2", "query": "x"}, {"query": "y"}]}`, `dev.json: queries[1]: id "q2" is already used by queries[0]`},
		{"query without text", `{` + document + `, "queries": [{"id": "q", "query": ""}]}`, `dev.json: queries[0]: query of "q" is missing`},
		{"unknown document", `{` + document + `, "queries": [{"query": "x", "expected": ["a", "b"]}]}`, `dev.json: queries[0]: "q1" expects "b", but no document has that id`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := loadCases(t, tc.content); err == nil || !strings.Contains(err.Error(), string(filepath.Separator)+tc.want) {
				t.Errorf("LoadCases: %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := LoadCases(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("LoadCases: %v, want one that names the file", err)
	}
}

func TestPlacements(t *testing.T) {
	t.Parallel()
	set, _, err := loadCases(t, smallCases)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name                string
		run                 Run[string]
		all, keyword, cross Placed
	}{
		{"all first", Run[string]{"q01": {"02", "03"}, "q2": {"03"}, "q3": {"01"}}, Placed{2, 2, 2}, Placed{1, 1, 1}, Placed{1, 1, 1}},
		{"third", Run[string]{"q01": {"03", "x", "01"}, "q2": {"01", "02", "x", "03"}}, Placed{2, 0, 1}, Placed{1, 0, 1}, Placed{1, 0, 0}},
		{"nothing found", nil, Placed{2, 0, 0}, Placed{1, 0, 0}, Placed{1, 0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := Placements{All: tc.all, OwnLanguage: tc.keyword, Kinds: map[string]Placed{"keyword": tc.keyword, "cross": tc.cross}}
			if diff := cmp.Diff(want, set.Placements(tc.run)); diff != "" {
				t.Errorf("Placements (-want +got):\n%s", diff)
			}
		})
	}
}
