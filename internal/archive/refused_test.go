package archive

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
