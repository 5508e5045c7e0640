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
