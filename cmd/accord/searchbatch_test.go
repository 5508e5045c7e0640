package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestSearchBatch: a batch prints the answer to each question of a file, and goes on after a
// question that fails.
func TestSearchBatch(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	mustAccord(t, "ingest", "--addr", addr, small(t))
	folder := t.TempDir()
	questions := []string{"did the port of Chancay open?", strings.Repeat("x", 2001), "港口"}
	for i := range 55 { // more than one call takes
		questions = append(questions, fmt.Sprint("question ", i))
	}
	writeFile(t, folder, "questions.txt", "\ufeff"+strings.Join(questions, "\r\n\n")+"\n")
	file := filepath.Join(folder, "questions.txt")
	code, out, errOut := accord(t, "search", "--addr", addr, "-n", "1", "--batch", file)
	single := mustAccord(t, "search", "--addr", addr, "-n", "1", questions[0])
	if want := "# " + questions[0] + "\n\n" + single; code != 1 || !strings.HasPrefix(out, want) || errOut != "" {
		t.Errorf("exit code %d, %q, output %.2000q, want first %q", code, errOut, out, want)
	}
	if !strings.Contains(out, "failed: InvalidArgument: query: ") || strings.Count(out, "\n# ") != len(questions)-1 {
		t.Errorf("%d questions in the output %.2000q", strings.Count(out, "\n# "), out)
	}
	_, out, _ = accord(t, "search", "--addr", addr, "-n", "1", "-o", "json", "--batch", file)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(questions) {
		t.Fatalf("%d lines for %d questions", len(lines), len(questions))
	}
	for i, line := range lines {
		var answer accordv1.BatchSearchAnswer
		if err := protojson.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatal(err)
		}
		if failed := answer.GetStatus() != nil; failed != (i == 1) {
			t.Errorf("question %d: %v", i, &answer)
		}
	}
}

func TestSearchBatchUsage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeFile(t, folder, "empty.txt", "\n \n")
	empty := filepath.Join(folder, "empty.txt")
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"search"}, 2, "expected a question, or --batch"},
		{[]string{"search", "question", "--batch", empty}, 2, "expected a question, or --batch"},
		{[]string{"search", "--page-token", "x", "--batch", empty}, 2, "--page-token"},
		{[]string{"search", "--batch", empty}, 1, "empty.txt has no questions"},
	} {
		if code, _, errOut := accord(t, test.args...); code != test.code || !strings.Contains(errOut, test.want) {
			t.Errorf("%q: exit code %d, %q", test.args, code, errOut)
		}
	}
}
