package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ingested runs an ingest and returns its report.
func ingested(t *testing.T, wantCode int, args ...string) (out, report string) {
	t.Helper()
	code, out, report := accord(t, append([]string{"ingest"}, args...)...)
	if code != wantCode {
		t.Fatalf("ingest %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, wantCode, report)
	}
	return out, report
}

// says checks that a report has each of the texts.
func says(t *testing.T, report string, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(report, text) {
			t.Errorf("the report lacks %q:\n%s", text, report)
		}
	}
}

// note writes a text file with a sentence.
func note(t *testing.T, folder, name, sentence string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Dir(path), filepath.Base(path), sentence+"\n")
}

// TestUnchangedFiles: files that have not changed are not read again, if the server still
// has their documents as they were stored.
func TestUnchangedFiles(t *testing.T) {
	t.Parallel()
	addr, folder := serveInstant(t), t.TempDir()
	note(t, folder, "a.txt", "The port opened on Monday.")
	note(t, folder, "b.md", "The ferry sails on Tuesday.")
	writeFile(t, folder, "list.jsonl", listOf("x", "y"))
	_, report := ingested(t, 0, "--addr", addr, folder)
	says(t, report, "documents: 4 new, 0 changed, 0 unchanged, 0 failed, 0 removed; 4 passages", "files: 1 JSON, 1 Markdown, 1 text\n")
	_, report = ingested(t, 0, "--addr", addr, folder)
	says(t, report, "documents: 0 new, 0 changed, 4 unchanged, 0 failed, 0 removed; 4 passages", "files: 3 unchanged and not read\n")
	if strings.Contains(report, "unchanged  ") {
		t.Errorf("files that were not read have lines of their own:\n%s", report)
	}

	mustAccord(t, "delete", "--addr", addr, "--metadata", "file=b.md")
	note(t, folder, "a.txt", "The port closed on Monday.")
	out, report := ingested(t, 0, "--addr", addr, "-o", "json", folder)
	says(t, report, "documents: 1 new, 1 changed, 2 unchanged, 0 failed, 0 removed", "files: 1 Markdown, 1 text, 1 unchanged and not read\n")
	says(t, out, `{"documents":2,"file":"list.jsonl","outcome":"UNCHANGED","passages":2}`)
	_, report = ingested(t, 0, "--addr", addr, "--all", folder)
	says(t, report, "4 unchanged", "files: 1 JSON, 1 Markdown, 1 text\n")
	_, report = ingested(t, 0, "--addr", addr, "--state", filepath.Join(t.TempDir(), "another"), folder)
	says(t, report, "4 unchanged", "files: 1 JSON, 1 Markdown, 1 text\n")
}

// TestSameIDsInTwoFiles: of two files whose documents get the same id, the one that was
// stored first keeps it, whether or not it is read again.
func TestSameIDsInTwoFiles(t *testing.T) {
	t.Parallel()
	addr, folder := serveInstant(t), t.TempDir()
	note(t, folder, "a-b.txt", "The port opened on Monday.")
	ingested(t, 0, "--addr", addr, folder)
	note(t, folder, "a_b.txt", "The ferry sails on Tuesday.")
	for range 2 {
		_, report := ingested(t, 1, "--addr", addr, folder)
		says(t, report, `its document would get the id "a-b", which a document of `, "a-b.txt already has; rename one of the files", "failed: 1 the same id as another document\n")
		if text := storedDocument(t, addr, "a-b").GetText(); !strings.Contains(text, "port") {
			t.Errorf("the document was replaced: %s", text)
		}
	}
	if err := os.Rename(filepath.Join(folder, "a-b.txt"), filepath.Join(folder, "a.b.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "a_b.txt")); err != nil {
		t.Fatal(err)
	}
	_, report := ingested(t, 0, "--addr", addr, folder) // a renamed file takes its document over
	says(t, report, "1 changed")
}

// TestSummaryOfFaults: the summary counts files by format, and faults by kind.
func TestSummaryOfFaults(t *testing.T) {
	t.Parallel()
	addr, folder := serveInstant(t), t.TempDir()
	note(t, folder, "good.txt", "The port opened on Monday.")
	writeFile(t, folder, "page.html", "<html><body><p>The ferry sails on Tuesday, as every week.</p></body></html>")
	writeFile(t, folder, "empty.txt", "")
	writeFile(t, folder, "blank.txt", " \n")
	writeFile(t, folder, "photo.txt", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	writeFile(t, folder, "other.png", "x")
	writeFile(t, folder, "list.jsonl", listOf("x")+"garbage\n")
	out, report := ingested(t, 1, "--addr", addr, "-o", "json", folder)
	says(t, report, "files: 1 HTML, 1 JSON, 1 text\n", "skipped: 1 files or parts of files; see above\n", "failed: 2 empty, 1 faulty line, 1 of a format that is not read\n")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	says(t, out, `{"error":"is empty; remove it or fill it","file":"empty.txt","outcome":"FAILED"}`, `"file":"list.jsonl","line":2,"outcome":"FAILED"`)
	var last struct {
		Summary struct {
			Files struct {
				Found        int            `json:"found"`
				ReadByFormat map[string]int `json:"read_by_format"`
			} `json:"files"`
			Documents map[string]int `json:"documents"`
			Failed    int            `json:"failed"`
		} `json:"summary"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if s := last.Summary; s.Files.Found != 6 || s.Files.ReadByFormat["text"] != 1 || s.Documents["created"] != 3 || s.Failed != 4 {
		t.Errorf("summary %+v", s)
	}
}

// TestPruneGoneFiles: with --prune, the documents of files that are gone are removed, and
// no others.
func TestPruneGoneFiles(t *testing.T) {
	t.Parallel()
	addr, folder, other := serveInstant(t), t.TempDir(), t.TempDir()
	for _, name := range []string{"keep.txt", "gone.txt", "sub/gone.txt", "excluded.txt"} {
		note(t, folder, name, "Text of "+name+".")
	}
	note(t, other, "other.txt", "Text of another folder.")
	ingested(t, 0, "--addr", addr, "--prefix", "p", folder)
	ingested(t, 0, "--addr", addr, other)
	os.Remove(filepath.Join(folder, "gone.txt"))
	os.RemoveAll(filepath.Join(folder, "sub"))
	_, report := ingested(t, 0, "--addr", addr, "--prefix", "p", folder)
	says(t, report, "0 removed")
	_, report = ingested(t, 0, "--addr", addr, "--prefix", "another", "--prune", "--exclude", "*", folder)
	says(t, report, "no documents are removed for "+folder+", since no file was found in it")
	_, report = ingested(t, 0, "--addr", addr, "--prefix", "p", "--prune", "--exclude", "excluded*", folder)
	says(t, report, "2 removed", "removed    collections/default/documents/p-sub-gone: no longer in p/sub/gone.txt")
	if diff := cmp.Diff("other p-excluded p-keep", held(t, addr)); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	note(t, folder, "gone.txt", "Text of gone.txt.") // it is back, with the same content
	_, report = ingested(t, 0, "--addr", addr, "--prefix", "p", folder)
	says(t, report, "1 new")
}

// child starts a command as a process of its own.
func child(t *testing.T, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	var report output
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), asCommand+"=1")
	command.Stdout, command.Stderr = &report, &report
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command, &report
}

// TestResumeAfterKill: after its process was killed, an ingest continues after the
// acknowledged files and does not read them again.
func TestResumeAfterKill(t *testing.T) {
	t.Parallel()
	addr, folder := serveInstant(t), t.TempDir()
	const files = 600
	for i := range files {
		note(t, folder, fmt.Sprintf("%02d/%03d.txt", i/50, i), fmt.Sprintf("The port number %d opened on Monday.", i))
	}
	first, report := child(t, "ingest", "--addr", addr, folder)
	acknowledged := regexp.MustCompile(`(?m)^created .*$`)
	eventually(t, func() bool { return len(acknowledged.FindAllString(report.String(), -1)) >= 50 })
	if err := first.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	done := len(acknowledged.FindAllString(report.String(), -1))
	if done == files {
		t.Fatalf("the ingest was over before it was killed")
	}
	_, second := ingested(t, 0, "--addr", addr, folder)
	var read, unread int
	for _, m := range regexp.MustCompile(`(\d+) (text|unchanged and not read)`).FindAllStringSubmatch(second, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if m[2] == "text" {
			read = n
		} else {
			unread = n
		}
	}
	if unread < done-1 || read+unread != files { // the note about the last acknowledged file may be missing
		t.Errorf("%d files were acknowledged before the kill; then %d were read and %d not", done, read, unread)
	}
}

// listedIDs returns the ids of all documents.
func listedIDs(t *testing.T, addr string) string {
	t.Helper()
	var ids []string
	for _, m := range documentID.FindAllStringSubmatch(mustAccord(t, "list", "-o", "json", "--addr", addr), -1) {
		ids = append(ids, m[1])
	}
	return strings.Join(ids, " ")
}

// TestWatchFolder: changes of files reach the server until the command is told to stop.
func TestWatchFolder(t *testing.T) {
	t.Parallel()
	addr, folder := serveInstant(t), t.TempDir()
	note(t, folder, "a.txt", "Text of a.")
	note(t, folder, "b.txt", "Text of b.")
	watch, report := child(t, "ingest", "--watch", "--prune", "--addr", addr, folder)
	holds := func(ids string) { t.Helper(); waitForIDs(t, addr, ids, report) }
	holds("a b")
	note(t, folder, "sub/c.txt", "Text of c.")
	holds("a b sub-c")
	if err := os.Rename(filepath.Join(folder, "a.txt"), filepath.Join(folder, "sub", "d.txt")); err != nil {
		t.Fatal(err)
	}
	holds("b sub-c sub-d")
	os.RemoveAll(filepath.Join(folder, "sub"))
	holds("b")
	note(t, folder, "b.txt", "Another text of b.")
	eventually(t, func() bool { return strings.Contains(storedDocument(t, addr, "b").GetText(), "Another") })
	if err := watch.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil || !strings.HasSuffix(report.String(), "watching has ended\n") {
		t.Errorf("%v\n%s", err, report.String())
	}
}

// waitForIDs waits until the server has exactly the documents with the given ids. report says
// what the watching command has written.
func waitForIDs(t *testing.T, addr, ids string, report fmt.Stringer) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for got := ""; got != ids; got = listedIDs(t, addr) {
		if time.Now().After(deadline) {
			t.Fatalf("documents %q, want %q\n%s", got, ids, report)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
