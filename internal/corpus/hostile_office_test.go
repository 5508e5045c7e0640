package corpus_test

import (
	"strings"
	"testing"
)

// hostileOffice returns functions that make office documents and books that are meant to take long
// to read. size is that of their unpacked content.
func hostileOffice(t *testing.T) map[string]func(size int) []byte {
	t.Helper()
	const item = `<w:p><w:pPr><w:pStyle w:val="s"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>`
	items := func(size int) string { return docxBody(strings.Repeat(item, size/len(item))) }
	long := func(size int) string { return strings.Repeat("%1 some words ", size/14) }
	with := func(name string, content func(size int) []byte) func(size int) []byte {
		return func(size int) []byte {
			return packed(t, map[string]string{"word/document.xml": docxBody(docxParagraph("Text.") + `<w:altChunk r:id="c1"/>`), name: string(content(size))})
		}
	}
	odt := func(start, piece, end string) func(size int) []byte {
		content := repeated(start, piece, end)
		return func(size int) []byte {
			return packed(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": string(content(size))})
		}
	}
	const odtBody, odtEnd = `<o:document-content xmlns:o="urn:office:1.0" xmlns:t="urn:text:1.0"><o:body><o:text>`, `</o:text></o:body></o:document-content>`
	return map[string]func(size int) []byte{
		"property.docx":  with("docProps/core.xml", repeated("<a><title>", "a<!---->", "</title></a>")),
		"fields.docx":    with("word/document.xml", repeated("<w:document xmlns:w='w'><w:body><w:p>", `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>a</w:t></w:r>`, "</w:p></w:body></w:document>")),
		"relations.docx": with("word/_rels/document.xml.rels", repeated("<a>", `<Relationship Id="c%d" Type="x/aFChunk" Target="a%d.html"/>`, "</a>")),
		"lists.docx":     with("word/numbering.xml", repeated("<a>", `<abstractNum abstractNumId="%d"/><num numId="%d"><abstractNumId val="%d"/></num>`, "</a>")),
		"long-number.docx": func(size int) []byte {
			return packed(t, map[string]string{
				"word/document.xml":  items(size / 2),
				"word/numbering.xml": `<a><abstractNum abstractNumId="1"><lvl ilvl="0"><lvlText val="` + long(size/2) + `"/></lvl></abstractNum><num numId="1"><abstractNumId val="1"/></num></a>`,
			})
		},
		"long-style.docx": func(size int) []byte {
			return packed(t, map[string]string{
				"word/document.xml": items(size / 2),
				"word/styles.xml":   `<a><style styleId="s"><name val="` + long(size/2) + `"/></style></a>`,
			})
		},
		"embedded.docx": func(size int) []byte {
			return packed(t, map[string]string{
				"word/document.xml":            docxBody(strings.Repeat(`<w:altChunk r:id="c1"/>`, size/64)),
				"word/_rels/document.xml.rels": `<a><Relationship Id="c1" Type="x/aFChunk" Target="a.html"/></a>`,
				"word/a.html":                  "<p>Text of it.",
			})
		},
		"embedded-page.docx": with("word/a.html", repeated("", "<p>A sentence of some words stands here.", "")),
		"code.odt":           odt(odtBody, `<t:p t:style-name="Preformatted_20_Text">a b</t:p>`, odtEnd),
		"styles.odt":         odt(`<o:document-content xmlns:o="urn:office:1.0"><o:automatic-styles>`, `<style name="s%d" parent-style-name="s1"/>`, `</o:automatic-styles></o:document-content>`),
		"lists.odt":          odt(odtBody, `<t:list><t:list-item><t:p>a</t:p></t:list-item></t:list>`, odtEnd),
		"spans.odt":          odt(odtBody+"<t:p>", `<t:span t:style-name="s">a</t:span>`, "</t:p>"+odtEnd),
		"formulas.odt":       odt(odtBody+"<t:p>", `<object href="./a"/>`, "</t:p>"+odtEnd),
		"marks.epub": func(size int) []byte {
			return bookOf(t, []string{string(repeated("<p>a<sup>", `<a href="#a">1</a>`, "</sup>")(size))}, 1)
		},
		"asides.epub": func(size int) []byte {
			return bookOf(t, []string{string(repeated("<p>a", `<aside epub:type="footnote" id="a%d"><p>a</p></aside><a epub:type="noteref" href="#a%d">1</a>`, "")(size))}, 1)
		},
		"nested-asides.epub": func(size int) []byte {
			return bookOf(t, []string{string(nested("<p>a", `<aside epub:type="footnote">`, "a", "</aside>")(size))}, 1)
		},
	}
}
