package corpus_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/pdf"
)

// TestFormats reads files that common programs made. testdata/formats/make.py makes them
// again.
func TestFormats(t *testing.T) { golden(t, "testdata/formats", "testdata/formats.golden") }

// TestByContent checks that the format of a file comes from what it holds, not from its name.
func TestByContent(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]string{"a.txt": "chinese.pdf", "b.bin": "word.docx", "c.html": "pandoc.odt", "d": "book.epub", "e.pdf": "notes.tar.gz", "f.txt": "message.eml", "g.xml": "box.mbox"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("testdata/formats", from))
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := read(t, from, data)
			got, err := read(t, name, data)
			if err != nil || wantErr != nil || len(got.Documents) == 0 || len(got.Documents) != len(want.Documents) {
				t.Fatalf("%d documents, %v; want %d, %v", len(got.Documents), err, len(want.Documents), wantErr)
			}
			for i, d := range got.Documents {
				if d.Text != want.Documents[i].Text || d.Title != want.Documents[i].Title {
					t.Errorf("document %d differs from that of %s", i+1, from)
				}
			}
		})
	}
}

// TestPackedAgain checks that an ODT is read if another program has packed its parts again: its type
// is then compressed, or its size stands after it, or it is not the first part.
func TestPackedAgain(t *testing.T) {
	t.Parallel()
	const kind, body = "application/vnd.oasis.opendocument.text", `<o:document-content xmlns:o="urn:office:1.0"><o:body><o:text><p>The port is open.</p></o:text></o:body></o:document-content>`
	for name, parts := range map[string][][2]string{
		"first": {{"mimetype", kind}, {"content.xml", body}},
		"last":  {{"content.xml", body}, {"mimetype", kind}},
	} {
		for _, method := range []uint16{zip.Store, zip.Deflate} {
			var out bytes.Buffer
			z := zip.NewWriter(&out)
			for _, part := range parts {
				w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: method})
				if err == nil {
					_, err = w.Write([]byte(part[1]))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			file, err := read(t, "a.odt", out.Bytes())
			if err != nil || file.Format != "ODT" || file.Documents[0].Text != "The port is open." {
				t.Errorf("%s, method %d: %s, %v, %v", name, method, file.Format, file.Documents, err)
			}
		}
	}
}

// TestPassagePages checks that each passage of a PDF is on the pages that hold its text.
func TestPassagePages(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/formats/columns.pdf")
	if err != nil {
		t.Fatal(err)
	}
	file, err := read(t, "columns.pdf", data)
	if err != nil {
		t.Fatal(err)
	}
	crossing := 0
	for _, p := range chunk.Passages(file.Documents[0]) {
		onFirst, onThird := strings.Contains(p.Text, "Alpha"), strings.Contains(p.Text, "Delta")
		switch {
		case onFirst && p.Page != 1, onThird && p.Page != 3, p.Page < 1, p.PageEnd < p.Page, p.PageEnd > 3:
			t.Errorf("pages %d to %d: %q", p.Page, p.PageEnd, p.Text)
		case p.PageEnd > p.Page:
			crossing++
		}
	}
	if crossing != 1 {
		t.Errorf("%d passages on two pages, want 1", crossing)
	}
}

// TestFormatsRefused checks the errors for files that are broken, encrypted or made to fill
// the memory.
func TestFormatsRefused(t *testing.T) {
	t.Parallel()
	sample := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata/formats", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	half := func(name string) []byte { data := sample(name); return data[:len(data)/2] }
	zeros := bytes.Repeat([]byte("0 "), 40<<20)
	deep := []byte("The innermost text.")
	for range 9 {
		deep = zipOf(t, "in.zip", deep)
	}
	for _, tc := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"locked.pdf", sample("locked.pdf"), pdf.ErrPassword, "without"},
		{"scanned.pdf", sample("scanned.pdf"), pdf.ErrScanned, "OCR"},
		{"half.pdf", half("chinese.pdf"), pdf.ErrBroken, "viewer"},
		{"junk.pdf", []byte("%PDF-1.7\n" + strings.Repeat("junk", 100)), pdf.ErrBroken, ""},
		{"text.pdf", []byte("This is text."), nil, "holds none"},
		{"half.docx", half("word.docx"), archive.ErrBroken, ""},
		{"bomb.zip", zipOf(t, "a.txt", zeros), archive.ErrTooLarge, "bomb.zip/a.txt"},
		{"bomb.docx", zipOf(t, "word/document.xml", zeros), archive.ErrTooLarge, "word/document.xml"},
		{"bomb.txt.gz", gzipOf(t, zeros), archive.ErrTooLarge, ""},
		{"bomb.tar.gz", gzipOf(t, tarOf(t, zeros[:20<<20], zeros[:20<<20])), archive.ErrTooLarge, ""},
		{"deep.zip", deep, corpus.ErrDepth, ""},
		{"entities.docx", zipOf(t, "word/document.xml", []byte(`<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><w:p xmlns:w="w"><w:t>&c;</w:t></w:p>`)), nil, "XML is broken"},
		{"nested.docx", zipOf(t, "word/document.xml", []byte(strings.Repeat("<a>", 100000))), nil, "deep"},
		{"nested.rss", []byte("<rss><channel>" + strings.Repeat("<a>", 100000)), nil, "deep"},
		{"sheet.xlsx", zipOf(t, "xl/workbook.xml", []byte("<a/>")), nil, "CSV"},
		{"old.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), nil, "older Office"},
		{"other.xml", []byte("<?xml version='1.0'?><settings/>"), corpus.ErrForeign, "neither RSS nor Atom"},
		{"package.json", []byte(`{"version":"1.0","private":true}`), corpus.ErrForeign, ""},
		{"many.json", []byte("[" + strings.Repeat(`{"text":"a"},`, 100_000) + `{"text":"a"}]`), corpus.ErrRecords, "split"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, tc.name, tc.data)
			var failed *corpus.FileError
			if !errors.As(err, &failed) || tc.want != nil && !errors.Is(err, tc.want) || !strings.Contains(fmt.Sprint(err), tc.says) {
				t.Errorf("%d documents, %v; want a FileError %v, saying %q", len(file.Documents), err, tc.want, tc.says)
			}
		})
	}
}

// TestTarGzSize checks that the content of a compressed archive counts only once, since it
// is unpacked file by file.
func TestTarGzSize(t *testing.T) {
	t.Parallel()
	blank := bytes.Repeat([]byte(" "), 15<<20)
	file, err := read(t, "files.tgz", gzipOf(t, tarOf(t, blank, blank, blank, []byte("The gate is open."))))
	if len(file.Documents) != 1 || file.Documents[0].Text != "The gate is open." {
		t.Errorf("%d documents, %v; want that of the last file", len(file.Documents), err)
	}
}

func zipOf(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(data)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tarOf(t *testing.T, files ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, data := range files {
		err := w.WriteHeader(&tar.Header{Name: fmt.Sprint(i, ".txt"), Typeflag: tar.TypeReg, Size: int64(len(data))})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
