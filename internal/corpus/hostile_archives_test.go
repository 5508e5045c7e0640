package corpus_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hostileArchives returns functions that make archives, books and office documents that are
// meant to take long to read. size is that of their unpacked content.
func hostileArchives(t *testing.T) map[string]func(size int) []byte {
	t.Helper()
	docx := func(part string, content func(size int) []byte) func(size int) []byte {
		return func(size int) []byte {
			files := map[string]string{"word/document.xml": `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Text.</w:t><w:footnoteReference w:id="1"/></w:r></w:p></w:body></w:document>`}
			files[part] = string(content(size))
			return packed(t, files)
		}
	}
	const body, end = `<w:document xmlns:w="w"><w:body>`, `</w:body></w:document>`
	odt := func(content func(size int) []byte) func(size int) []byte {
		return func(size int) []byte {
			return packed(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": string(content(size))})
		}
	}
	const odtBody, odtEnd = `<o:document-content xmlns:o="o" xmlns:t="t"><o:body><o:text>`, `</o:text></o:body></o:document-content>`
	return map[string]func(size int) []byte{
		"zeros.zip":   func(size int) []byte { return packed(t, map[string]string{"a.txt": strings.Repeat("0 ", size)}) },
		"entries.zip": func(size int) []byte { return packed(t, numbered("%d.txt", "Text of it.", size/64)) },
		"folders.zip": func(size int) []byte {
			return packed(t, map[string]string{strings.Repeat("a/", min(size, 60000)/2) + "b.txt": "Text."})
		},
		"not-read.zip": func(size int) []byte { return packed(t, numbered("%d.jpg", "Text of it.", size/64)) },
		"zips.zip": func(size int) []byte {
			return packed(t, numbered("%d.zip", string(packed(t, map[string]string{"a.txt": "Text."})), size/256))
		},
		"members.txt.gz": func(size int) []byte { return bytes.Repeat(gzipOf(t, []byte("a\n")), size/32) },
		"packed.txt.gz": func(size int) []byte {
			data := bytes.Repeat([]byte("Text of it. "), size/12)
			for range 8 {
				data = gzipOf(t, data)
			}
			return data
		},
		"overlapping.zip": func(size int) []byte { return overlapping(t, strings.Repeat("Text of it. ", 100), size/64) },
		"names.tar":       func(size int) []byte { return tarNamed(t, strings.Repeat("a/", 4000)+"b.txt", size/8192) },
		"zeros.txt.gz":    func(size int) []byte { return gzipOf(t, bytes.Repeat([]byte("0 "), size)) },
		"entries.tar":     func(size int) []byte { return tarOf(t, make([][]byte, size/512)...) },
		"paragraphs.docx": docx("word/document.xml", repeated(body, "<w:p><w:r><w:t>Text of it.</w:t></w:r></w:p>", end)),
		"runs.docx":       docx("word/document.xml", repeated(body+"<w:p>", "<w:r><w:t>a</w:t></w:r>", "</w:p>"+end)),
		"numbers.docx":    docx("word/document.xml", repeated(body, `<w:p><w:pPr><w:numPr><w:ilvl w:val="%d"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>`, end)),
		"joined.docx":     docx("word/document.xml", repeated(body, `<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>some words</w:t></w:r></w:p>`, end)),
		"rows.docx":       docx("word/document.xml", repeated(body+"<w:tbl>", "<w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr>", "</w:tbl>"+end)),
		"tables.docx":     docx("word/document.xml", repeated(body+strings.Repeat("<w:tbl><w:tr><w:tc>", 150), "<w:p><w:r><w:t>some words</w:t></w:r></w:p>", strings.Repeat("</w:tc></w:tr></w:tbl>", 150)+end)),
		"boxes.docx":      docx("word/document.xml", nested(body, "<w:p><w:r><w:txbxContent>", "", "</w:txbxContent></w:r></w:p>")),
		"note.docx":       docx("word/footnotes.xml", repeated(`<w:footnotes xmlns:w="w"><w:footnote w:id="1"><w:p>`, "<w:r><w:t>some words</w:t></w:r>", "</w:p></w:footnote></w:footnotes>")),
		"notes.docx": func(size int) []byte {
			return packed(t, map[string]string{
				"word/document.xml":  string(repeated(body+"<w:p>", `<w:r><w:footnoteReference w:id="1"/></w:r>`, "</w:p>"+end)(size)),
				"word/footnotes.xml": string(repeated(`<w:footnotes xmlns:w="w"><w:footnote w:id="1"><w:p>`, "<w:r><w:t>some words</w:t></w:r>", "</w:p></w:footnote></w:footnotes>")(size)),
			})
		},
		"styles.docx":     docx("word/styles.xml", repeated(`<w:styles xmlns:w="w">`, `<w:style w:styleId="s%d"><w:basedOn w:val="s1"/></w:style>`, "</w:styles>")),
		"attributes.docx": docx("word/document.xml", repeated(`<w:document xmlns:w="w" `, `a%d="b" `, "/>")),
		"paragraphs.odt":  odt(repeated(odtBody, "<t:p>Text of it.</t:p>", odtEnd)),
		"spaces.odt":      odt(repeated(odtBody, `<t:p><t:s t:c="1000000000"/>a</t:p>`, odtEnd)),
		"cells.odt":       odt(repeated(odtBody+"<table><table-row>", `<table-cell number-columns-repeated="1000000"><t:p>a</t:p></table-cell>`, "</table-row></table>"+odtEnd)),
		"note.odt":        odt(repeated(odtBody+"<t:p><t:note><t:note-body>", "<t:p>some words</t:p>", "</t:note-body></t:note></t:p>"+odtEnd)),
		"chapters.epub":   func(size int) []byte { return book(t, size/256, size/256) },
		"again.epub":      func(size int) []byte { return book(t, 1, size/32) },
		"one.epub": func(size int) []byte {
			return bookOf(t, []string{string(repeated("<p>", "some words of it ", "")(size))}, 1)
		},
	}
}

// numbered returns n files with the same content, and with their number in the name.
func numbered(name, content string, n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf(name, i)] = content
	}
	return files
}

// book returns an EPUB of n chapters whose reading order has refers entries.
func book(t *testing.T, n, refers int) []byte {
	t.Helper()
	chapters := make([]string, n)
	for i := range chapters {
		chapters[i] = "<html><body><p>Text of it.</p></body></html>"
	}
	return bookOf(t, chapters, refers)
}

func bookOf(t *testing.T, chapters []string, refers int) []byte {
	t.Helper()
	files := map[string]string{
		"mimetype":               "application/epub+zip",
		"META-INF/container.xml": `<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>`,
	}
	var manifest, spine strings.Builder
	for i, chapter := range chapters {
		files[fmt.Sprintf("%d.xhtml", i)] = chapter
		fmt.Fprintf(&manifest, `<item id="c%d" href="%d.xhtml" media-type="application/xhtml+xml"/>`, i, i)
	}
	for i := range refers {
		fmt.Fprintf(&spine, `<itemref idref="c%d"/>`, i%len(chapters))
	}
	files["a.opf"] = `<package><metadata><title>A</title></metadata><manifest>` + manifest.String() + `</manifest><spine>` + spine.String() + `</spine></package>`
	return packed(t, files)
}

// packed returns a ZIP archive of files. A file called mimetype comes first and is stored.
func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, method uint16) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = w.Write([]byte(files[name]))
		}
		return err
	}
	var err error
	if files["mimetype"] != "" {
		err = add("mimetype", zip.Store)
	}
	for name := range files {
		if name != "mimetype" {
			err = errors.Join(err, add(name, zip.Deflate))
		}
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// overlapping returns a ZIP archive whose list names the same content n times.
func overlapping(t *testing.T, content string, n int) []byte {
	t.Helper()
	const endSize, countsAt, sizeAt = 22, 8, 12 // of the record at the end
	data := packed(t, map[string]string{"a.txt": content})
	begin := binary.LittleEndian.Uint32(data[len(data)-6:])
	entry, end := data[begin:len(data)-endSize], bytes.Clone(data[len(data)-endSize:])
	n = max(1, min(n, 60000))
	binary.LittleEndian.PutUint16(end[countsAt:], uint16(n))
	binary.LittleEndian.PutUint16(end[countsAt+2:], uint16(n))
	binary.LittleEndian.PutUint32(end[sizeAt:], uint32(n*len(entry)))
	return slices.Concat(data[:begin], bytes.Repeat(entry, n), end)
}

// tarNamed returns a TAR archive of n files with a long name.
func tarNamed(t *testing.T, name string, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for range n {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Format: tar.FormatPAX}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
