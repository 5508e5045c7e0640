package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseQrels(t *testing.T) {
	t.Parallel()
	want := Qrels{"q1": {"a": 2, "b": 1}, "q2": {"c": 1}}
	for _, tc := range []struct{ name, data string }{
		{"headings", "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\tb\t1\nq2\tc\t1\n"},
		{"no headings, no last newline", "q1\ta\t2\nq1\tb\t1\nq2\tc\t1"},
		{"blank lines, CRLF, grade 0", "q1\ta\t2\r\n\r\nq1\tb\t1\r\nq2\tx\t0\r\nq2\tc\t1\r\n"},
		{"TREC", "q1 0 a 2\nq1 0 b 1\nq2 0 c 1\nq3 0 c -1\n"},
		{"the last grade counts", "q1\ta\t1\nq1\ta\t2\nq1\tb\t1\nq2\tc\t1\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseQrels("qrels.tsv", []byte(tc.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("parseQrels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseQrelsRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, data, want string }{
		{"few fields", "q1\ta\t1\nq1\ta\n", "qrels.tsv:2: has 2 fields"},
		{"many fields", "q1 0 a 1 x\n", "qrels.tsv:1: has 5 fields"},
		{"no number", "q\td\tscore\nq1\ta\t1\n\nq1\tb\thigh\n", `qrels.tsv:4: score "high" is not a whole number`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parseQrels("qrels.tsv", []byte(tc.data)); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("parseQrels: %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzParseQrels(f *testing.F) {
	f.Add([]byte("query-id\tcorpus-id\tscore\nq1\ta\t1\n"))
	f.Add([]byte("q1 0 a 2\n\nq1 0 b -1\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		qrels, err := parseQrels("f", data)
		if err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("error names no line: %v", err)
		}
		for query, grades := range qrels {
			for passage, grade := range grades {
				if grade < 1 {
					t.Errorf("%q, %q: grade %d", query, passage, grade)
				}
			}
			if len(grades) == 0 {
				t.Errorf("%q has no answers", query)
			}
		}
	})
}

func TestScore(t *testing.T) {
	t.Parallel()
	qrels := Qrels{"q1": {"a": 1, "b": 1}, "q2": {"c": 2}, "missing": {"a": 1}}
	run := Run[string]{
		"q1":       {"a", "a", "b"}, // a counts only once, so b has rank 2
		"q2":       {"a", "c"},
		"unjudged": {"a"},
	}
	got := qrels.Score(run)
	want := mean([]Measures{measure([]int{1, 1}, []int{1, 1}), measure([]int{0, 2}, []int{2}), {}})
	if diff := cmp.Diff(want, got, closeTo); diff != "" {
		t.Errorf("Score (-want +got):\n%s", diff)
	}
}
