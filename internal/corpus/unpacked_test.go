package corpus_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/corpus/archive"
)

// brokenParts returns a ZIP archive of parts of a size, whose checksums are wrong.
func brokenParts(t *testing.T, parts, size int) []byte {
	t.Helper()
	var deflated, out bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(bytes.Repeat([]byte("a"), size))
	err = errors.Join(err, w.Close())
	z := zip.NewWriter(&out)
	for i := range parts {
		part, failed := z.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("%d.txt", i), Method: zip.Deflate, CRC32: 1,
			CompressedSize64: uint64(deflated.Len()), UncompressedSize64: uint64(size),
		})
		if failed == nil {
			_, failed = part.Write(deflated.Bytes())
		}
		err = errors.Join(err, failed)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBrokenPartsCount checks that broken parts count towards the bytes that may be
// unpacked. Otherwise a small archive could make the reader unpack without end.
func TestBrokenPartsCount(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.zip") // at most 4 MiB of it may be unpacked
	if err := os.WriteFile(path, brokenParts(t, 50, 1_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := corpus.Reader{MaxBytes: 1 << 20}.Read(path, "a.zip")
	if !errors.Is(err, archive.ErrTooLarge) || strings.Count(err.Error(), "is broken") != 4 {
		t.Errorf("error %v", err)
	}
}

// TestManyParts: parts beyond the bound are one fault, and not one each.
func TestManyParts(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"a.mbox": []byte(strings.Repeat("From a@example.org Mon May  1 10:00:00 2023\nSubject: A\n\n港口开放。\n\n", 6000)),
		"a.zip":  packed(t, numbered("%d.txt", "港口开放。", 6000)),
	} {
		file, err := read(t, name, content)
		if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.HasPrefix(err.Error(), name+": has more than 5000 parts") {
			t.Errorf("%s: %.200v", name, err)
		}
		if len(file.Documents) != 5000 {
			t.Errorf("%s: %d documents", name, len(file.Documents))
		}
	}
}

// TestNoteTwice checks that a note to which a text refers twice is in the text once.
func TestNoteTwice(t *testing.T) {
	t.Parallel()
	const reference = `<w:footnoteReference w:id="7"/>`
	file, err := read(t, "a.docx", packed(t, map[string]string{
		"word/document.xml":  `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>The port is open</w:t>` + reference + `<w:t> and safe</w:t>` + reference + `</w:r></w:p></w:body></w:document>`,
		"word/footnotes.xml": `<w:footnotes xmlns:w="w"><w:footnote w:id="7"><w:p><w:r><w:t>Since May.</w:t></w:r></w:p></w:footnote></w:footnotes>`,
	}))
	if err != nil || len(file.Documents) != 1 {
		t.Fatalf("%d documents, error %v", len(file.Documents), err)
	}
	const want = "The port is open[1] and safe[1]\n\n[1] Since May."
	if d := file.Documents[0]; d.Title+"\n\n"+d.Text != want { // the first line is the title
		t.Errorf("%q, %q, want %q", d.Title, d.Text, want)
	}
}

// TestDOCXNamedOtherwise checks that a DOCX with the extension of a template or of a document with
// macros is found in a folder and read, and also one whose text is in a part with a number.
func TestDOCXNamedOtherwise(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.docm", "a.dotx", "a.dotm"} {
		file, err := read(t, name, packed(t, map[string]string{
			"_rels/.rels":        `<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>`,
			"word/document2.xml": `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>The port is open.</w:t></w:r></w:p></w:body></w:document>`,
		}))
		if err != nil || len(file.Documents) != 1 || file.Documents[0].Text != "The port is open." || !corpus.ReadsName(name) {
			t.Errorf("%s: %v, %v", name, file.Documents, err)
		}
	}
}

// sparseTar returns a TAR archive of one file. The archive says that the file begins with the
// text, and that zeros follow up to a size of some exabytes.
func sparseTar(t *testing.T, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text)), Format: tar.FormatPAX, PAXRecords: map[string]string{
		// The writer refuses the real names of these keys.
		"GNU_sparse.major": "0", "GNU_sparse.minor": "1", "GNU_sparse.numblocks": "1",
		"GNU_sparse.map": fmt.Sprintf("0,%d", len(text)), "GNU_sparse.size": "9000000000000000000",
	}})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte("GNU_sparse"), []byte("GNU.sparse"))
}

// TestSparseFile: a small archive cannot have the reader read zeros for ever. Its other files are
// read.
func TestSparseFile(t *testing.T) {
	t.Parallel()
	line := `{"text":"` + strings.Repeat("The port is open. ", 600) + `"}` + "\n"
	sparse := sparseTar(t, "b.jsonl", line)
	other := tarOf(t, []byte("The gate is shut."))
	content := append(sparse[:len(sparse)-1024], other...) // without the blocks that end an archive
	file, err := read(t, "a.tar", content)
	if !errors.Is(err, archive.ErrSparse) || !strings.HasPrefix(err.Error(), "a.tar/b.jsonl: ") || len(file.Documents) != 1 {
		t.Errorf("%d documents, error %v", len(file.Documents), err)
	}
}

// TestCutTar: a TAR archive that is cut off between two files is broken. Otherwise the documents
// of the files that it lacks would be removed.
func TestCutTar(t *testing.T) {
	t.Parallel()
	whole := tarOf(t, []byte("The port is open."), []byte("The gate is shut."))
	for _, test := range []struct {
		name          string
		content       []byte
		wantDocuments int
		wantBroken    bool
	}{
		{"whole", whole, 2, false},
		{"one block of zeros at its end", whole[:len(whole)-512], 2, false},
		{"no block of zeros at its end", whole[:len(whole)-1024], 2, true},
		{"cut between its files", whole[:1024], 1, true},
		{"compressed", gzipOf(t, whole[:1024]), 1, true},
	} {
		file, err := read(t, "a.tar", test.content)
		if broken := errors.Is(err, archive.ErrBroken); broken != test.wantBroken || err != nil != broken || len(file.Documents) != test.wantDocuments {
			t.Errorf("%s: %d documents, error %v", test.name, len(file.Documents), err)
		}
	}
}

// TestAttachmentsCount: what is not read, since too much was unpacked from the attachments of a
// message, is a fault of the message or the mailbox. Otherwise its documents would be removed.
func TestAttachmentsCount(t *testing.T) {
	t.Parallel()
	bomb := base64.StdEncoding.EncodeToString(brokenParts(t, 50, 1_000_000))
	message := "From: a@example.org\nSubject: A\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nThe port is open.\n--b\nContent-Type: application/zip; name=b.zip\nContent-Transfer-Encoding: base64\n\n" + bomb + "\n--b--\n"
	for name, content := range map[string]string{
		"a.eml":  message,
		"a.mbox": "From a@example.org Mon May  1 10:00:00 2023\n" + message + "\n" + box("Text."),
	} {
		path := filepath.Join(t.TempDir(), name) // at most 4 MiB of it may be unpacked
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := corpus.Reader{MaxBytes: 1 << 20}.Read(path, name)
		if !errors.Is(err, archive.ErrTooLarge) || !strings.Contains("\n"+err.Error(), "\n"+name+": has more than ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestTextUnpacked: a small archive cannot have the reader read as much text as may be unpacked from
// it, since text takes longest. Records are read quickly, and office documents count in part.
func TestTextUnpacked(t *testing.T) {
	t.Parallel()
	const text, size = "The port is open.", 1 << 20
	spaces := strings.Repeat(" ", size)
	document := string(packed(t, map[string]string{"word/document.xml": docxBody(docxParagraph(text)) + strings.Repeat(spaces, 7)}))
	for name, tc := range map[string]struct {
		part, content string
		want          int // number of documents
	}{
		"texts":            {"%d.txt", text + spaces, 15},
		"pages":            {"%d.html", "<p>" + text + spaces, 15},
		"records":          {"%d.jsonl", `{"text":"` + text + `"}` + spaces, 20},
		"office documents": {"%d.docx", document, 18},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.zip")
			if err := os.WriteFile(path, packed(t, numbered(tc.part, tc.content, 20)), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := corpus.Reader{}.Read(path, "a.zip")
			if tooMuch := errors.Is(err, archive.ErrTooLarge); tooMuch != (tc.want < 20) || len(file.Documents) != tc.want {
				t.Errorf("%d documents, want %d; %.200v", len(file.Documents), tc.want, err)
			}
		})
	}
}
