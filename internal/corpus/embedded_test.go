package corpus_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docxBody returns a part of a DOCX with some content in its body.
func docxBody(content string) string {
	return `<w:document xmlns:w="w" xmlns:r="r"><w:body>` + content + `</w:body></w:document>`
}

func docxParagraph(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

// embedding returns a DOCX in which a document stands between two paragraphs.
func embedding(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	return packed(t, map[string]string{
		"word/document.xml":            docxBody(docxParagraph("The keeper opens the first gate at dawn.") + `<w:altChunk r:id="c1"/>` + docxParagraph("At night all gates are shut.")),
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="c1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="` + name + `"/></Relationships>`,
		"word/" + name:                 string(content),
	})
}

// TestEmbeddedDocuments checks that documents in a DOCX are read at their place. Programs put
// documents together in this way.
func TestEmbeddedDocuments(t *testing.T) {
	t.Parallel()
	const page = "<html><head><title>Off</title></head><body><p>The lamps burn from <b>dusk</b>.</p><table><tr><td>Lamp</td><td>12 m</td></tr><tr><td>Rope</td><td>30 m</td></tr></table></body></html>"
	lamps := []string{"The lamps burn from dusk.", "Lamp | 12 m", "Rope | 30 m"}
	inner := packed(t, map[string]string{
		"word/document.xml":  docxBody(`<w:p><w:r><w:t>The lamps burn</w:t><w:footnoteReference w:id="2"/><w:t> from dusk.</w:t></w:r></w:p>`),
		"word/footnotes.xml": `<w:footnotes xmlns:w="w"><w:footnote w:id="2">` + docxParagraph("Since May.") + `</w:footnote></w:footnotes>`,
	})
	mhtml := "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" +
		strings.ReplaceAll(page, "=", "=3D") + "\n--b\nContent-Type: text/html\n\n<p>A head of pages</p>\n--b--\n"
	for name, tc := range map[string]struct {
		part    string
		content []byte
		want    []string
	}{
		"HTML":                   {"a.html", []byte(page), lamps},
		"HTML of another name":   {"chunk1.dat", []byte("\ufeff" + page), lamps},
		"HTML in Windows-1252":   {"a.htm", []byte("<meta charset=windows-1252><p>Les \xe9cluses ferment \xe0 minuit.</p>"), []string{"Les écluses ferment à minuit."}},
		"XHTML":                  {"a.xhtml", []byte(`<?xml version="1.0"?>` + page), lamps},
		"MHTML":                  {"a.mht", []byte(mhtml), lamps},
		"text":                   {"a.txt", []byte("The lamps burn from dusk.\n\nThey are old.\n"), []string{"The lamps burn from dusk.", "They are old."}},
		"DOCX with a note":       {"a.docx", inner, []string{"The lamps burn[1] from dusk."}},
		"DOCX inside of another": {"a.docx", embedding(t, "b.docx", inner), []string{"The keeper opens the first gate at dawn.", "The lamps burn[1] from dusk.", "At night all gates are shut."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := append([]string{"The keeper opens the first gate at dawn."}, tc.want...)
			want = append(want, "At night all gates are shut.")
			if strings.Contains(name, "DOCX") {
				want = append(want, "[1] Since May.")
			}
			file, err := read(t, "a.docx", embedding(t, tc.part, tc.content))
			if err != nil || len(file.Documents) != 1 || len(file.Warnings) > 0 {
				t.Fatalf("%d documents, %v, %v", len(file.Documents), file.Warnings, err)
			}
			if diff := cmp.Diff(want, strings.Split(file.Documents[0].Text, "\n\n")); diff != "" {
				t.Errorf("paragraphs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEmbeddedUnread checks that a document in a DOCX that cannot be read is a warning, and that
// the text around it is read.
func TestEmbeddedUnread(t *testing.T) {
	t.Parallel()
	deep := packed(t, map[string]string{"word/document.xml": docxBody(docxParagraph("The innermost text."))})
	for range 4 {
		deep = embedding(t, "a.docx", deep)
	}
	for name, tc := range map[string]struct {
		content []byte
		says    string
	}{
		"a.rtf":  {[]byte("{\\rtf1 The lamps.}"), "word/a.rtf, which is an RTF document"},
		"a.pdf":  {[]byte("%PDF-1.7"), "is no text, HTML or DOCX"},
		"b.docx": {zipOf(t, "word/document.xml", []byte("<a>")), "XML is broken"},
		"c.docx": {zipOf(t, "word/document.xml", []byte(strings.Repeat(" ", 30<<20))), "embedded documents"},
		"d.docx": {deep, "3 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.docx", embedding(t, name, tc.content))
			if err != nil || len(file.Documents) != 1 || len(file.Warnings) != 1 || !strings.Contains(fmt.Sprint(file.Warnings), tc.says) {
				t.Fatalf("%d documents, %v, %v; want a warning that says %q", len(file.Documents), file.Warnings, err, tc.says)
			}
			if text := file.Documents[0].Text; !strings.HasPrefix(text, "The keeper opens") || !strings.HasSuffix(text, "gates are shut.") {
				t.Errorf("text %q", text)
			}
		})
	}
}

// TestEmbeddedInCell checks that a document in a cell of a table is a part of its row.
func TestEmbeddedInCell(t *testing.T) {
	t.Parallel()
	cell := func(content string) string { return "<w:tc>" + content + "</w:tc>" }
	parts := map[string]string{
		"word/document.xml":            docxBody("<w:tbl><w:tr>" + cell(docxParagraph("Lamp")) + cell(`<w:altChunk r:id="c1"/>`) + "</w:tr></w:tbl>" + docxParagraph("All gates are shut at night.")),
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="c1" Type="x/aFChunk" Target="/word/a.html"/></Relationships>`,
		"word/a.html":                  "<p>12 m</p><p>brass</p>",
	}
	file, err := read(t, "a.docx", packed(t, parts))
	if err != nil || file.Documents[0].Text != "Lamp | 12 m brass\n\nAll gates are shut at night." {
		t.Errorf("%v, %v", file.Documents, err)
	}
}
