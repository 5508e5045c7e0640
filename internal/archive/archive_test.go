package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const documents = 5

func header() Header {
	return Header{Version: Version, Collection: json.RawMessage(`{"name":"collections/news"}`), Passages: true}
}

func sameAny(Header) bool { return true }

func entry(i int) Entry {
	return Entry{
		Document: json.RawMessage(fmt.Sprintf(`{"name":"collections/news/documents/d%d","text":"<b> & 数字 \u2028"}`, i)),
		Passages: []Passage{{Kind: "PARAGRAPH", End: i, EndByte: 2 * i}},
	}
}

// write writes the documents that the file does not have yet, and finishes it.
func write(t testing.TB, path string) {
	t.Helper()
	w, err := Create(path, header(), sameAny)
	if err != nil {
		t.Fatal(err)
	}
	for i := w.Documents(); i < documents; i++ {
		if err := w.Add(entry(i)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

// read returns the documents of a file, and the errors about its lines.
func read(path string, lenient bool) (entries []Entry, errs []string) {
	r, err := Open(path, lenient)
	if err != nil {
		return nil, []string{err.Error()}
	}
	defer r.Close()
	for {
		entry, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return entries, errs
		case err != nil:
			errs = append(errs, err.Error())
		default:
			entries = append(entries, entry)
		}
	}
}

func all() (entries []Entry) {
	for i := range documents {
		entries = append(entries, entry(i))
	}
	return entries
}

func endings() []string { return []string{".jsonl", ".jsonl.gz", ".jsonl.zst"} }

func TestReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, ending := range endings() {
		path := filepath.Join(t.TempDir(), "export"+ending)
		write(t, path)
		entries, errs := read(path, false)
		if diff := cmp.Diff(all(), entries); diff != "" || errs != nil {
			t.Errorf("%s: %v (-want +got):\n%s", ending, errs, diff)
		}
		if _, err := Create(path, header(), sameAny); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s: written again: %v", ending, err)
		}
	}
}

// TestContinues cuts a file at every place, continues it, and checks that the content is
// the same as that of an uninterrupted file.
func TestContinues(t *testing.T) {
	t.Parallel()
	for _, ending := range endings() {
		folder := t.TempDir()
		whole := filepath.Join(folder, "whole"+ending)
		write(t, whole)
		data, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		most := 0
		for cut := 0; cut < len(data); cut += 23 {
			path := filepath.Join(folder, fmt.Sprint(cut, ending))
			if err := os.WriteFile(path+partEnding, data[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			w, err := Create(path, header(), sameAny)
			if err != nil {
				t.Fatalf("%s cut at %d: %v", ending, cut, err)
			}
			if kept := w.Documents(); kept < most {
				t.Errorf("%s cut at %d: %d documents kept, and %d of a shorter file", ending, cut, kept, most)
			} else if most = kept; kept > 0 && w.Last() != fmt.Sprintf("collections/news/documents/d%d", kept-1) {
				t.Errorf("%s cut at %d: the last of %d documents is %s", ending, cut, kept, w.Last())
			}
			if err := w.Interrupt(); err != nil {
				t.Fatal(err)
			}
			write(t, path)
			if entries, errs := read(path, false); errs != nil || !cmp.Equal(all(), entries) {
				t.Errorf("%s cut at %d: %d documents, %v", ending, cut, len(entries), errs)
			}
		}
		if most != documents {
			t.Errorf("%s: at most %d documents were kept", ending, most)
		}
	}
}

func TestContinuesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "export.jsonl")
	w, err := Create(path, header(), sameAny)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Interrupt(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, header(), func(Header) bool { return false }); !errors.Is(err, ErrOtherExport) {
		t.Errorf("another export: %v", err)
	}
}

func TestTwoWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "export.jsonl")
	first, err := Create(path, header(), sameAny)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Flush(); err != nil {
		t.Fatal(err)
	}
	second, err := Create(path, header(), sameAny)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Finish(); err == nil || !strings.Contains(err.Error(), "two exports") {
		t.Errorf("the first: %v", err)
	}
	if err := second.Finish(); err != nil {
		t.Errorf("the second: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "export.jsonl")
	write(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n")) // the header is line 1
	sealed := func(object string) []byte {
		line, err := seal(json.RawMessage(object))
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	edited := func(edit func(lines [][]byte) [][]byte) []byte {
		return bytes.Join(edit(append([][]byte(nil), lines...)), nil)
	}
	for _, test := range []struct {
		what    string
		data    []byte
		entries int
		says    []string // part of each error
	}{
		{"a changed line", bytes.Replace(whole, []byte("d2"), []byte("d9"), 1), 4, []string{"line 4: does not have the digest"}},
		{"a damaged digest", edited(func(l [][]byte) [][]byte {
			l[1] = append(l[1][:len(l[1])-10:len(l[1])-10], "0123456\"}\n"...)
			return l
		}), 4, []string{"line 2: does not have the digest"}},
		{"a cut line", edited(func(l [][]byte) [][]byte { l[3] = []byte("{\"document\":{}\n"); return l }), 4, []string{"line 4: has no digest"}},
		{"a line that is missing", edited(func(l [][]byte) [][]byte { return append(l[:2:2], l[3:]...) }), 4, []string{"line 6: the file has 4 documents"}},
		{"lines in another order", edited(func(l [][]byte) [][]byte { l[2], l[3] = l[3], l[2]; return l }), 5, []string{"line 7: the file has 5 documents"}},
		{"no last line", edited(func(l [][]byte) [][]byte { return l[:6] }), 5, []string{"line 7: the file ends before its last line"}},
		{"a cut file", whole[:len(whole)-len(lines[6])-3], 4, []string{"line 6: the file ends before its last line"}},
		{"more after the end", append(whole[:len(whole):len(whole)], "{}\n"...), 5, []string{"line 8: comes after the last line"}},
		{"another file", []byte("{\"text\":\"hello\"}\n"), 0, []string{"line 1: is not an exported collection"}},
		{"an empty file", nil, 0, []string{"line 1: the file ends before"}},
		{"a later version", sealed(`{"accord_export":2,"new":1}`), 0, []string{"line 1: the file has version 2 of the format, and this Accord reads versions up to 1"}},
		{"an unknown field", edited(func(l [][]byte) [][]byte { l[1] = sealed(`{"document":{},"summary":"x"}`); return l }), 4, []string{`line 2: unknown field "summary": a newer version`}},
		{"no document", edited(func(l [][]byte) [][]byte { l[1] = sealed(`{"passages":[]}`); return l }), 4, []string{`line 2: has no "document"`}},
	} {
		path := filepath.Join(t.TempDir(), "bad.jsonl")
		if err := os.WriteFile(path, test.data, 0o600); err != nil {
			t.Fatal(err)
		}
		entries, errs := read(path, false)
		if len(entries) != test.entries || len(errs) != len(test.says) {
			t.Errorf("%s: %d documents, %q", test.what, len(entries), errs)
			continue
		}
		for i, err := range errs {
			if !strings.Contains(err, test.says[i]) {
				t.Errorf("%s: %q, want %q", test.what, err, test.says[i])
			}
		}
	}
}

func TestIgnoresUnknownFields(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "newer.jsonl")
	var data []byte
	for _, object := range []string{`{"accord_export":1,"new":1}`, `{"document":{},"new":1}`} {
		line, err := seal(json.RawMessage(object))
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, line...)
	}
	var end last
	end.End.Documents, end.End.Digest = 1, digestOf(data)
	line, err := seal(end)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, line...), 0o600); err != nil {
		t.Fatal(err)
	}
	if entries, errs := read(path, true); len(entries) != 1 || errs != nil {
		t.Errorf("%d documents, %v", len(entries), errs)
	}
	if _, errs := read(path, false); len(errs) != 1 || !strings.Contains(errs[0], "--ignore-unknown") {
		t.Errorf("without leave: %v", errs)
	}
}

func TestDamagedCompression(t *testing.T) {
	t.Parallel()
	for _, ending := range endings()[1:] {
		path := filepath.Join(t.TempDir(), "export"+ending)
		write(t, path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 0xff
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		entries, errs := read(path, false)
		if len(errs) == 0 || len(entries) >= documents {
			t.Errorf("%s: %d documents, %v", ending, len(entries), errs)
		}
	}
}

func FuzzReader(f *testing.F) {
	path := filepath.Join(f.TempDir(), "export.jsonl")
	write(f, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-20])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		entries, errs := read(path, false)
		if lines := bytes.Count(data, []byte("\n")); len(entries) > lines || len(errs) > lines+1 {
			t.Errorf("%d documents and %d errors in %d lines", len(entries), len(errs), lines)
		}
	})
}
