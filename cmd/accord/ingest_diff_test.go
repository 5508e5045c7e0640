package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiff: --diff says what an ingest would do, and does nothing.
func TestDiff(t *testing.T) {
	t.Parallel()
	addr, folder, other := serveInstant(t), t.TempDir(), t.TempDir()
	record := func(id, title, text string) string {
		return fmt.Sprintf(`{"id":%q,"title":%q,"language_code":"en","publish_time":"2024-05-03","text":%q}`+"\n", id, title, text)
	}
	const law = "Article 1\n\nThe port is open. All may use it.\n\nArticle 2\n\nThe fee is small."
	writeFile(t, folder, "list.jsonl", record("same", "Same", "Text that stays.")+record("law", "Law", law)+record("less", "Less", "Text that goes."))
	note(t, folder, "gone.txt", "Text of a file that goes.")
	note(t, other, "theirs.txt", "Text of another folder.")
	ingested(t, 0, "--addr", addr, folder)
	ingested(t, 0, "--addr", addr, other)
	before := holds(t, addr)

	changed := strings.Replace(law, "All may use it.", "Some may use it.", 1) + "\n\nArticle 3\n\nThis ends it."
	writeFile(t, folder, "list.jsonl", record("same", "Same", "Text that stays.")+strings.Replace(record("law", "The law", changed), "05-03", "05-04", 1))
	note(t, folder, "theirs.txt", "Text of this folder.")
	note(t, folder, "new.txt", "Text of a new file.")
	os.Remove(filepath.Join(folder, "gone.txt"))
	code, out, report := accord(t, "ingest", "--dry-run", "--diff", "--prune", "--addr", addr, folder)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, report)
	}
	const name = "collections/default/documents/"
	want := "changed    " + name + `law (list.jsonl)
  title: "Law" → "The law"
  date: "2024-05-03" → "2024-05-04"
  articles: "Article 1, Article 2" → "Article 1, Article 2, Article 3"
  passages: "2" → "3"
  --- stored
  +++ new
  @@ -1,5 +1,7 @@
  Article 1
  The port is open.
  -All may use it.
  +Some may use it.
  Article 2
  The fee is small.
  +Article 3
  +This ends it.
removed    ` + name + `less (list.jsonl): it is no longer in the file
new        ` + name + `new (new.txt)
refused    ` + name + `theirs (theirs.txt): is stored from another folder; the stored document stays
removed    ` + name + `gone (gone.txt): its file is gone
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	says(t, report, "an ingest would leave: 1 new, 1 changed, 1 unchanged, 2 removed, 1 refused\n")
	if diff := cmp.Diff(fmt.Sprint(before), fmt.Sprint(holds(t, addr))); diff != "" {
		t.Errorf("the comparison changed what is stored (-before +after):\n%s", diff)
	}

	_, report = ingested(t, 1, "--prune", "--addr", addr, folder) // does what --diff announced
	says(t, report, "documents: 1 new, 1 changed, 1 unchanged, 1 failed, 2 removed")
	lines := strings.Split(strings.TrimSpace(mustAccord(t, "ingest", "--dry-run", "--diff", "-o", "json", "--addr", addr, folder)), "\n")
	var last struct {
		Summary struct {
			WouldBe map[string]int `json:"would_be"`
		} `json:"summary"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"unchanged": 3, "refused": 1}, last.Summary.WouldBe); diff != "" {
		t.Errorf("after the ingest (-want +got):\n%s", diff)
	}
}

// TestDiffBounded: --diff shows only the beginning of a long change, and how much is left
// out.
func TestDiffBounded(t *testing.T) {
	t.Parallel()
	var before, after strings.Builder
	for i := range 200 {
		fmt.Fprintf(&before, "The old sentence is number %d. ", i)
		fmt.Fprintf(&after, "The new sentence has number %d. ", i)
	}
	diff, more := textDiff(before.String(), after.String())
	if lines := strings.Count(diff, "\n"); lines != maxDiff || lines+more != 403 {
		t.Errorf("%d lines and %d more:\n%s", lines, more, diff)
	}
}

// TestDiffSameID: if a new file has a document with the id of a document of an unchanged
// file, --diff refuses the new one, as an ingest does, even if the new file comes first.
func TestDiffSameID(t *testing.T) {
	t.Parallel()
	addr, folder, state := serveInstant(t), t.TempDir(), t.TempDir()
	note(t, folder, "a_b.txt", "The port opened on Monday.")
	ingested(t, 0, "--addr", addr, "--state", state, folder)
	note(t, folder, "a-b.txt", "The ferry sails on Tuesday.")
	notes := func() (out string) {
		paths, err := filepath.Glob(filepath.Join(state, "*"))
		if err != nil || len(paths) != 1 {
			t.Fatalf("notes %v, error %v", paths, err)
		}
		data, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := notes()
	out, report := ingested(t, 0, "--dry-run", "--diff", "--addr", addr, "--state", state, folder)
	says(t, out, "refused    collections/default/documents/a-b (a-b.txt): ", `its document would get the id "a-b", which a document of a_b.txt already has`)
	says(t, report, "an ingest would leave: 0 new, 0 changed, 1 unchanged, 0 removed, 1 refused\n")
	if after := notes(); after != before {
		t.Errorf("the comparison changed the notes of what is stored (before, after):\n%s\n%s", before, after)
	}
	_, report = ingested(t, 1, "--addr", addr, "--state", state, folder)
	says(t, report, "documents: 0 new, 0 changed, 1 unchanged, 1 failed")
}

// TestDiffSeeds: right after an ingest of the seeds, nothing would change.
func TestDiffSeeds(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	ingested(t, 0, "--addr", addr, seeds)
	_, report := ingested(t, 0, "--dry-run", "--diff", "--prune", "--addr", addr, seeds)
	says(t, report, "an ingest would leave: 0 new, 0 changed, 7 unchanged, 0 removed, 0 refused\n")
}
