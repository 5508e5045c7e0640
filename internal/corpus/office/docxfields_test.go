package office_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/office"
)

// begin returns the beginning of a field up to its result.
func begin(code string) string {
	return `<r><fldChar fldCharType="begin"/></r><r><instrText>` + code + `</instrText></r><r><fldChar fldCharType="separate"/></r>`
}

const end = `<r><fldChar fldCharType="end"/></r>`

// TestDOCXParts checks fields, content controls, marks and characters as Word and others write
// them.
func TestDOCXParts(t *testing.T) {
	t.Parallel()
	const control = `<sdt><sdtPr><rPr><vanish/></rPr>%</sdtPr><sdtContent><r><rPr><rStyle val="PH"/></rPr><t>Click here to enter text.</t></r></sdtContent></sdt>`
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"cross reference": {`<p>` + r("See ") + begin(` REF _Ref1 \h `) + r("Article 5") + end + r(".") + `</p>`, []string{"See Article 5."}},
		"field in a code": {
			`<p>` + r("Pay ") + `<r><fldChar fldCharType="begin"/></r><r><instrText> IF </instrText></r>` + begin(" MERGEFIELD n ") + r("12") + end +
				`<r><instrText> &gt; 9 "now" "later" </instrText></r><r><fldChar fldCharType="separate"/></r>` + r("now") + end + r(".") + `</p>`,
			[]string{"Pay now."},
		},
		"contents without a style": {
			`<p>` + begin(` TOC \o "1-3" `) + r("Scope") + `<r><tab/></r>` + begin(" PAGEREF _Toc1 ") + r("3") + end + `</p><p>` + r("Duties") + `</p><p>` + end + r("The text.") + `</p>`,
			[]string{"The text."},
		},
		"list of tables":       {`<p>` + begin(` TOC \h \c "Table" `) + r("Table 1 Levels") + end + `</p><p>` + r("Table ") + begin(" SEQ Table ") + r("1") + end + r(" Levels") + `</p>`, []string{"Table 1 Levels"}},
		"field without an end": {`<p>` + begin(" TOC ") + r("Scope") + `</p><p>` + r("The text.") + `</p>`, []string{"Scope", "The text."}},
		"prompt":               {`<p>` + r("Name: ") + strings.Replace(control, "%", "<showingPlcHdr/>", 1) + r("Anna") + `</p>`, []string{"Name: Anna"}},
		"control with text":    {`<p>` + r("Name: ") + strings.Replace(control, "%", "", 1) + `</p>`, []string{"Name: Click here to enter text."}},
		"own mark of a note":   {`<p>` + r("Text") + `<r><footnoteReference id="2" customMarkFollows="1"/><t>*</t></r>` + r(".") + `</p>`, []string{"Text[1].", "[1] Note."}},
		"emoji": {
			`<p>` + r("Open ") + `<r><AlternateContent><Choice><symEx font="Segoe UI Emoji" char="1F6A4"/></Choice><Fallback><t>🚤</t></Fallback></AlternateContent></r></p>`,
			[]string{"Open 🚤"},
		},
		"symbols as text": {`<p>` + r("Angle &#xF061; ", `<rFonts ascii="Symbol"/>`) + r("&#xF0FC;&#xF0B7;", `<rFonts ascii="Wingdings"/>`) + r("&#xF041;", `<rFonts ascii="Odd"/>`) + r("&#xE001;") + `</p>`, []string{"Angle α ✓\uE001"}},
		"formula": {
			`<p><oMath><f><num><r><t>1</t></r></num><den><r><t>2</t></r></den></f><r><t>+</t></r><f><num><r><t>a+b</t></r></num><den><r><t>c</t></r></den></f></oMath></p>
			<p><oMath><rad><deg/><e><r><t>x</t></r></e></rad><d><dPr><begChr val="["/><endChr val="]"/></dPr><e><r><t>y</t></r></e></d><d><e><r><t>z</t></r></e></d><nary><naryPr><chr val="∑"/></naryPr><sub><r><t>i</t></r></sub><sup/><e><r><t>u</t></r></e></nary></oMath></p>`,
			[]string{"1/2+(a+b)/c", "√x[y](z)∑iu"},
		},
		"moved":        {`<p><moveFrom><r><t>Gone. </t></r></moveFrom><moveTo>` + r("Here. ") + `</moveTo><smartTag element="place">` + r("Rome") + `</smartTag><r><softHyphen/></r>` + r("'s gate") + `</p>`, []string{"Here. Rome's gate"}},
		"merged cells": {`<tbl><tr><tc><tcPr><vMerge val="restart"/></tcPr><p>` + r("North") + `</p></tc><tc><p>` + r("1") + `</p></tc></tr><tr><tc><tcPr><vMerge/></tcPr><p/></tc><tc><p>` + r("2") + `</p></tc></tr></tbl>`, []string{"North | 1", " | 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := office.DOCX(zipped(t,
				"word/styles.xml", `<styles><style styleId="PH"><name val="Placeholder Text"/></style></styles>`, "word/document.xml", "<document><body>"+tc.body+"</body></document>",
				"word/footnotes.xml", `<footnotes><footnote id="2"><p>`+r("Note.")+`</p></footnote></footnotes>`), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, texts(got)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDOCXNames checks that parts are found by the document's relations, in both sets of
// namespaces.
func TestDOCXNames(t *testing.T) {
	t.Parallel()
	for name, kinds := range map[string]string{
		"transitional": "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
		"strict":       "http://purl.oclc.org/ooxml/officeDocument/relationships/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			related := func(kind, target string) string {
				return `<Relationships><Relationship Id="r1" Type="` + kinds + kind + `" Target="` + target + `"/></Relationships>`
			}
			got, err := office.DOCX(zipped(t,
				"_rels/.rels", related("officeDocument", "word/document2.xml"), "word/_rels/document2.xml.rels", related("styles", "/word/styles2.xml"),
				"word/document2.xml", `<document><body><p><pPr><pStyle val="A"/></pPr>`+r("Locks")+`</p></body></document>`,
				"word/styles2.xml", `<styles><style styleId="A"><name val="Title"/></style></styles>`), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Known.Title != "Locks" {
				t.Errorf("title %q, lines %v", got.Known.Title, got.Lines)
			}
		})
	}
}
