package corpus_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/table"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/tree"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

func TestSeeds(t *testing.T)   { golden(t, "../../seeds", "testdata/seeds") }
func TestLayouts(t *testing.T) { golden(t, "testdata/layouts", "testdata/layouts.golden") }

// golden compares what is read from each file in dir with the golden file of the same name
// in goldenDir.
func golden(t *testing.T, dir, goldenDir string) {
	t.Parallel()
	files, err := tree.List(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("List(%q) = %d files, %v", dir, len(files), err)
	}
	for _, input := range files {
		t.Run(input.Name, func(t *testing.T) {
			t.Parallel()
			file, err := corpus.Reader{}.Read(input.Path, input.Name)
			check(t, file)
			got := describe(file, err)
			path := filepath.Join(goldenDir, input.Name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; run the test with -update and read what it writes", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", input.Name, diff)
			}
		})
	}
}

// describe returns everything that was read, as text that people can check.
func describe(file corpus.File, err error) string {
	var out strings.Builder
	for _, d := range file.Documents {
		fmt.Fprintf(&out, "== %s\ntitle:     %s\npublished: %s\nlanguage:  %s\nsource:    %s\nuri:       %s\n", d.ID, d.Title, published(d), d.LanguageCode, d.Source, d.URI)
		for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
			fmt.Fprintf(&out, "%s = %s\n", key, d.Metadata[key])
		}
		kinds := map[int]document.Kind{}
		for _, b := range d.Blocks {
			kinds[b.Range.StartByte] = b.Kind
		}
		at := 0
		for paragraph := range strings.SplitSeq(d.Text, "\n\n") {
			kind := ""
			if kinds[at] != 0 {
				kind = kinds[at].String() + " "
			}
			fmt.Fprintf(&out, "\n%s| %s\n", kind, paragraph)
			at += len(paragraph) + len("\n\n")
		}
		out.WriteString("\n")
	}
	for _, dropped := range file.Dropped {
		fmt.Fprintf(&out, "dropped from %d: %s: %s\n", dropped.Document, dropped.Reason, dropped.Text)
	}
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	return out.String()
}

func published(d document.Document) string {
	layout := map[document.Precision]string{
		document.PrecisionDate: time.DateOnly, document.PrecisionMinute: "2006-01-02T15:04Z07:00", document.PrecisionSecond: time.RFC3339,
	}[d.PublishPrecision]
	if layout == "" {
		return "unknown"
	}
	return d.PublishTime.Format(layout)
}

// check checks the properties that every document must have.
func check(t *testing.T, file corpus.File) {
	t.Helper()
	for _, d := range file.Documents {
		switch {
		case !utf8.ValidString(d.Text), strings.ContainsRune(d.Text, 0), !norm.NFC.IsNormalString(d.Text):
			t.Errorf("%s: text is not valid NFC without NUL: %q", d.ID, d.Text)
		case strings.TrimSpace(d.Text) == "", d.Title == "", !utf8.ValidString(d.Title + d.Source + d.URI):
			t.Errorf("%s: title %q, text %q; want both", d.ID, d.Title, d.Text)
		case !document.ValidID(d.ID):
			t.Errorf("id %q is not valid", d.ID)
		}
		if got, err := document.FillBytes(d.Text, d.Blocks); err != nil {
			t.Errorf("%s: blocks do not fit the text: %v", d.ID, err)
		} else if diff := cmp.Diff(d.Blocks, got, cmp.Transformer("nil", func(b []document.Block) int { return len(b) })); diff != "" {
			t.Errorf("%s: blocks: %s", d.ID, diff)
		}
	}
}

func read(t *testing.T, name string, content []byte) (corpus.File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return corpus.Reader{}.Read(path, name)
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		content string
		want    error
		says    string
	}{
		{"empty.txt", "", corpus.ErrEmpty, "empty.txt: is empty"},
		{"blank.txt", " \n\t　\n", corpus.ErrBlank, "white space only"},
		{"furniture.txt", "Share\nPrint\n", corpus.ErrNoText, "furniture"},
		{"long.txt", strings.Repeat("a", corpus.DefaultMaxBytes+1), corpus.ErrTooLong, "16777216 bytes"},
		{"picture.txt", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", nil, "is a PNG picture, which is not read"},
		{"archive.txt", "PK\x03\x04\x14\x00\x00\x00", archive.ErrBroken, "cut off"},
		{"nul.txt", "some text \x00 and more of it", nil, "holds binary data"},
		{"quotes.csv", strings.Repeat("\"a\n", 200_000), table.ErrRow, "row of more than 100000 lines; close its quotes"},
		{"cell.csv", "title,text\na," + strings.Repeat("text of it ", 800_000) + "\n", corpus.ErrTooLong, "cell.csv:2: has more than 8388608 bytes of text"},
		{"long.jsonl", "{\"text\":\"" + strings.Repeat("text of it ", 800_000) + "\"}\n", corpus.ErrTooLong, "long.jsonl:1: has more than 8388608 bytes of text"},
		{"columns.md", strings.Repeat("|a", 400_000) + "\n" + strings.Repeat("|-", 400_000) + "\n", corpus.ErrCells, "300000 cells"},
		{"rows.md", "> - " + strings.Repeat("|a", 1000) + "\n>   " + strings.Repeat("|-", 1000) + "\n" + strings.Repeat(">   |b\n", 400), corpus.ErrCells, "write them as CSV"},
		{"pipes.md", "|a|\n|-|\n" + strings.Repeat("|`a\\|b`|\n", 6000), corpus.ErrPipes, "5000 lines with code"},
		{"matter.md", "+++\n" + strings.Repeat("# a comment\n", 6000) + "+++\nText.\n", corpus.ErrMatter, "more than 65536 bytes"},
		{"roots.html", string(repeated("", "<body a%d=b>", "<p>Text.")(1 << 18)), corpus.ErrRoots, "<body> tags"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, tc.name, []byte(tc.content))
			var fileError *corpus.FileError
			if !errors.As(err, &fileError) || fileError.File != tc.name {
				t.Fatalf("Read = %d documents, %v; want a FileError about %s", len(file.Documents), err, tc.name)
			}
			if tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Read: %v; want %v, saying %q", err, tc.want, tc.says)
			}
		})
	}
}

func TestReadFolderOrMissing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing.txt")} {
		_, err := corpus.Reader{}.Read(path, "x.txt")
		var fileError *corpus.FileError
		if !errors.As(err, &fileError) {
			t.Errorf("Read(%q): %v, want a FileError", path, err)
		}
	}
}

// TestReadPipe checks that a path that is not a regular file does not block the reader.
func TestReadPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe.txt")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no FIFO here: %v", err)
	}
	_, err := corpus.Reader{}.Read(path, "pipe.txt")
	var fileError *corpus.FileError
	if !errors.As(err, &fileError) || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("Read of a FIFO: %v, want a FileError that says so", err)
	}
}

func TestReadLimit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("A short text."), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (corpus.Reader{MaxBytes: 13}).Read(path, "a.txt"); err != nil {
		t.Errorf("Read at the limit: %v", err)
	}
	if _, err := (corpus.Reader{MaxBytes: 12}).Read(path, "a.txt"); !errors.Is(err, corpus.ErrTooLong) {
		t.Errorf("Read over the limit: %v, want ErrTooLong", err)
	}
}

func TestReadNameNotUTF8(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "caf\xe9.txt")
	if err := os.WriteFile(path, []byte("Text."), 0o600); err != nil {
		t.Skipf("this file system takes no such name: %v", err)
	}
	if _, err := (corpus.Reader{}).Read(path, filepath.Base(path)); !errors.Is(err, corpus.ErrName) {
		t.Errorf("error %v, want %v", err, corpus.ErrName)
	}
}
