package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// small is a folder with one document per file, short enough for golden files.
func small(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for id, d := range map[string]map[string]any{
		"ports": {
			"title": "Ports of the Pacific", "language_code": "en", "source": "Wire", "uri": "https://example.com/ports",
			"publish_time": "2024-11-14T08:30:00Z", "publish_time_precision": "MINUTE",
			"text": "The port of Chancay opened, and ships of any draught may call at it on their way between two continents, said those who built it.\n\nCaptains agreed.",
		},
		"gangkou": {
			"title": "港口开港", "language_code": "zh", "publish_time": "2024-11-15T00:00:00Z", "publish_time_precision": "DATE",
			"text": "一、双方一致同意，港口于今年年底以前正式开港运营，并为两国之间的海运贸易提供便利，降低物流成本。\n二、双方同意继续就港口合作进行协商。",
		},
		"undated": {"title": "A note", "language_code": "es", "text": "El puerto."},
	} {
		d["id"] = id
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, folder, id+".jsonl", string(line)+"\n")
	}
	return folder
}

func TestReadableOutput(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	mustAccord(t, "ingest", "--addr", addr, small(t))
	for file, args := range map[string][]string{
		"search.golden":         {"search", "did the port of Chancay open?"},
		"search_filters.golden": {"search", "港口", "--language", "zh", "--after", "2024-11-15", "--before", "2024-11-16", "-n", "1"},
		"search_context.golden": {"search", "did the port of Chancay open?", "-n", "1", "--language", "en", "--context", "1"},
		"get.golden":            {"get", "ports"},
		"get_full_name.golden":  {"get", "collections/default/documents/gangkou"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			golden(t, file, mustAccord(t, append(args, "--addr", addr)...))
		})
	}
	t.Run("nothing found", func(t *testing.T) {
		t.Parallel()
		code, out, errOut := accord(t, "search", "anything", "--source", "nobody", "--addr", addr)
		if code != 3 || out != "nothing found\n" || errOut != "" {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
	})
	t.Run("absent", func(t *testing.T) {
		t.Parallel()
		code, _, errOut := accord(t, "get", "absent", "--addr", addr)
		if want := "accord: NotFound: collections/default/documents/absent: not found\n"; code != 1 || errOut != want {
			t.Errorf("exit code %d, %q, want %q", code, errOut, want)
		}
	})
	t.Run("wrong", func(t *testing.T) {
		t.Parallel()
		code, _, errOut := accord(t, "search", " ", "--addr", addr)
		if code != 1 || !strings.Contains(errOut, "InvalidArgument: query: must contain a question") {
			t.Errorf("exit code %d, %q", code, errOut)
		}
	})
}

func TestJSONOutput(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	mustAccord(t, "ingest", "--addr", addr, small(t))
	var found accordv1.SearchResponse
	if err := protojson.Unmarshal([]byte(mustAccord(t, "search", "port", "-o", "json", "--addr", addr)), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.GetResults()) != 5 {
		t.Errorf("%d results, want all 5 passages", len(found.GetResults()))
	}
	for _, result := range found.GetResults() {
		var d accordv1.Document
		if err := protojson.Unmarshal([]byte(mustAccord(t, "get", result.GetDocument().GetName(), "-o", "json", "--addr", addr)), &d); err != nil {
			t.Fatal(err)
		}
		p := result.GetPassage()
		if r := p.GetRange(); d.GetText()[r.GetStartByte():r.GetEndByte()] != p.GetText() {
			t.Errorf("text of %s does not match its range", p.GetName())
		}
	}
}

// TestShrunkFile: documents that a file no longer has are deleted; documents of other
// files stay.
func TestShrunkFile(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	folder := t.TempDir()
	line := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"title":"A title","language_code":"en","text":"Text of %s."}`+"\n", id, id)
	}
	writeFile(t, folder, "other.jsonl", line("other"))
	list := writeFile(t, folder, "list.jsonl", line("a")+line("b")+line("c"))
	steps := []struct {
		content string
		code    int
		says    string // last line of the report
		held    string
	}{
		{line("a") + line("b") + line("c"), 0, "documents: 4 new, 0 changed, 0 unchanged, 0 failed, 0 removed; 4 passages; 0 lines", "a b c other"},
		{line("a") + line("c"), 0, "documents: 0 new, 1 changed, 2 unchanged, 0 failed, 1 removed; 3 passages; 0 lines", "a c other"},
		// An unreadable line could be any document, so nothing is deleted.
		{line("a") + "garbage\n", 1, "documents: 0 new, 0 changed, 2 unchanged, 1 failed, 0 removed; 2 passages; 0 lines", "a c other"},
		{line("a") + line("c") + `{"id":"d","title":"A title","language_code":"no tag","text":"x"}` + "\n", 1, "1 failed, 0 removed", "a c other"},
		{line("c"), 0, "1 removed", "c other"},
	}
	for i, step := range steps {
		if err := os.WriteFile(list, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, report := accord(t, "ingest", "--addr", addr, folder)
		if code != step.code || !strings.Contains(report, step.says) {
			t.Errorf("step %d: exit code %d, want %d, and a report with %q:\n%s", i, code, step.code, step.says, report)
		}
		if diff := cmp.Diff(step.held, held(t, addr)); diff != "" {
			t.Errorf("step %d: documents on the server (-want +got):\n%s", i, diff)
		}
	}
}

var documentID = regexp.MustCompile(`documents/([a-z0-9-]+)"`)

// held returns the sorted ids of the documents that a search returns.
func held(t *testing.T, addr string) string {
	t.Helper()
	var ids []string
	for _, m := range documentID.FindAllStringSubmatch(mustAccord(t, "search", "text", "-n", "100", "-o", "json", "--addr", addr), -1) {
		ids = append(ids, m[1])
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ")
}

// TestFailingFiles: each failing file is reported with a reason, the others are stored,
// and the exit code is 1.
func TestFailingFiles(t *testing.T) {
	t.Parallel()
	addr := serveInstant(t)
	folder := t.TempDir()
	writeFile(t, folder, "empty.txt", "")
	writeFile(t, folder, "blank.txt", " \n\t\n")
	writeFile(t, folder, "binary.txt", "\x7fELF\x02\x01\x00\x00\x00\x00\xff\xfe\x00\x01\x02\x03")
	writeFile(t, folder, "long.txt", strings.Repeat("Long. ", 2000))
	writeFile(t, folder, "good.jsonl", `{"id":"good","title":"A title","language_code":"en","text":"Text."}`+"\n")
	writeFile(t, folder, "skipped.exe", "MZ")
	if err := os.Symlink(filepath.Join(folder, "gone"), filepath.Join(folder, "unreadable.txt")); err != nil {
		t.Fatal(err)
	}
	code, _, report := accord(t, "ingest", "--addr", addr, "--max-file-bytes", "10000", folder, filepath.Join(folder, "absent.txt"))
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, line := range []string{
		"failed     " + filepath.Join(folder, "absent.txt") + ": cannot be read",
		"failed     empty.txt: is empty",
		"failed     blank.txt: holds white space only",
		"failed     binary.txt: ",
		"failed     long.txt: has more than 10000 bytes: is too long",
		"failed     unreadable.txt: cannot be read",
		"skipped    " + filepath.Join(folder, "skipped.exe"),
		"created    collections/default/documents/good (good.jsonl): 1 passages",
		"documents: 1 new, 0 changed, 0 unchanged, 6 failed, 0 removed; 1 passages",
	} {
		if !strings.Contains(report, line) {
			t.Errorf("the report lacks %q:\n%s", line, report)
		}
	}
}
