package office_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/office"
)

// zipped returns an archive of parts, which alternate with their names.
func zipped(t *testing.T, parts ...string) *zip.Reader {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func texts(text office.Text) (all []string) {
	for _, l := range text.Lines {
		all = append(all, l.Text)
	}
	return all
}

// r returns a run with text, and optionally properties.
func r(text string, properties ...string) string {
	return "<r><rPr>" + strings.Join(properties, "") + `</rPr><t xml:space="preserve">` + text + "</t></r>"
}

func TestDOCXInline(t *testing.T) {
	t.Parallel()
	const styles = `<styles>
		<style styleId="Hid"><name val="Secret"/><rPr><vanish/></rPr></style>
		<style styleId="Below"><name val="More secret"/><basedOn val="Hid"/></style>
		<style styleId="Shown"><name val="Not secret"/><basedOn val="Hid"/><rPr><vanish val="0"/></rPr></style></styles>`
	box := "<txbxContent><p>" + r("In the box.") + "</p></txbxContent>"
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"symbols": {
			`<p>` + r("Angle ") + `<r><sym font="Symbol" char="F061"/></r>` + r(" ") + `<r><sym font="Symbol" char="F0B3"/></r>` + r(" 5, ") + `<r><sym font="Wingdings" char="F0FC"/></r><r><sym font="Segoe UI Symbol" char="2713"/></r><r><sym font="Odd" char="F041"/></r></p>`,
			[]string{"Angle α ≥ 5, ✓✓"},
		},
		"hidden by a style": {
			`<p>` + r("A", `<rStyle val="Below"/>`) + r("B", `<rStyle val="Shown"/>`) + r("C") + `<r><rPr><rStyle val="Hid"/></rPr><sym font="x" char="41"/></r></p><p><pPr><pStyle val="Hid"/></pPr>` + r("D") + `</p>`,
			[]string{"BC"},
		},
		"hidden end": {
			`<p><pPr><rPr><vanish/><specVanish/></rPr></pPr>` + r("Scope. ") + `</p><p>` + r("It holds here.") + `</p>`,
			[]string{"Scope. It holds here."},
		},
		"superscript": {
			`<p>` + r("10") + r("3", `<vertAlign val="superscript"/>`) + r(" km on the 1") + r("st ", `<vertAlign val="superscript"/>`) + r("day") + `<oMath><r><t>x</t></r><sSup><sup><r><t>2</t></r></sup></sSup></oMath></p>`,
			[]string{"10³ km on the 1st dayx²"},
		},
		"page break": {`<p>` + r("One") + `<r><br type="page"/></r>` + r("Two") + `</p>`, []string{"One", "Two"}},
		"text box":   {`<p>` + r("Before, ") + `<r><AlternateContent><Choice>` + box + `</Choice><Fallback>` + box + `</Fallback></AlternateContent></r>` + r("after.") + `</p>`, []string{"In the box.", "Before, after."}},
		"contents": {
			`<sdt><sdtPr><docPartObj><docPartGallery val="Table of Contents"/></docPartObj></sdtPr><sdtContent><p>` + r("Scope 1") + `</p></sdtContent></sdt><sdt><sdtContent><p>` + r("Kept.") + `</p></sdtContent></sdt>`,
			[]string{"Kept."},
		},
		"frame of one cell": {
			`<tbl><tr><tc><p>` + r("First.") + `</p><p>` + r("Second.") + `</p></tc></tr><tr><tc><p>` + r("a") + `</p><p>` + r("b") + `</p></tc><tc><p>` + r("c") + `</p></tc></tr></tbl>`,
			[]string{"First.", "Second.", "a b | c"},
		},
		"notes": {
			`<p>` + r("Text") + `<r><footnoteReference id="2"/></r><r><endnoteReference id="2"/></r>` + r(".") + `</p>`,
			[]string{"Text[1][2].", "[1] Non-stop α. Second.", "[2] The end."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := office.DOCX(zipped(t,
				"word/styles.xml", styles, "word/document.xml", "<document><body>"+tc.body+"</body></document>",
				"word/footnotes.xml", `<footnotes><footnote id="0" type="separator"><p>`+r("Rule")+`</p></footnote><footnote id="2"><p>`+r("Non")+`<r><noBreakHyphen/></r>`+r("stop ")+`<r><sym font="Symbol" char="F061"/></r>`+r(".")+r("Hidden", "<vanish/>")+`</p><p>`+r("Second.")+`</p></footnote></footnotes>`,
				"word/endnotes.xml", `<endnotes><endnote id="2" type="normal"><p>`+r("The end.")+`</p></endnote></endnotes>`), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, texts(got)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDOCXNumbers checks the numbers of lists: their forms, where they start again, and lists
// that stand for others.
func TestDOCXNumbers(t *testing.T) {
	t.Parallel()
	level := func(at int, form, text string) string {
		return fmt.Sprintf(`<lvl ilvl="%d"><start val="1"/><numFmt val="%s"/><lvlText val="%s"/></lvl>`, at, form, text)
	}
	forms := []string{"ordinal", "ordinalText", "cardinalText", "decimalFullWidth", "russianLower", "hebrew1", "arabicAbjad", "ganada", "ideographTraditional", "chineseLegalSimplified"}
	numbering := `<numbering><abstractNum abstractNumId="0">` + level(0, "bullet", "&#xF0B7;") + strings.Replace(level(1, "decimal", "%2."), "<numFmt", `<lvlRestart val="0"/><numFmt`, 1) + level(2, "bullet", " ") + `</abstractNum>
		<abstractNum abstractNumId="1">` + level(0, "decimal", "S%1.") + `</abstractNum><abstractNum abstractNumId="2"><numStyleLink val="LS"/></abstractNum>`
	nums := `<num numId="1"><abstractNumId val="0"/></num><num numId="2"><abstractNumId val="1"/></num><num numId="3"><abstractNumId val="2"/></num>`
	item := func(id, at int, text string) string {
		return fmt.Sprintf(`<p><pPr><numPr><ilvl val="%d"/><numId val="%d"/></numPr></pPr>%s</p>`, at, id, r(text))
	}
	body := item(1, 0, "a") + item(1, 1, "b") + item(1, 2, "c") + item(1, 0, "d") + item(1, 1, "e") + item(2, 0, "f") + item(3, 0, "g")
	want := []string{"- a", "1. b", "c", "- d", "2. e", "S1. f", "S2. g"}
	for i, mark := range []string{"2nd", "Second", "Two", "２", "б", "ב", "ب", "나", "乙", "贰"} {
		numbering += fmt.Sprintf(`<abstractNum abstractNumId="%d">%s</abstractNum>`, 10+i, level(0, forms[i], "%1)"))
		nums += fmt.Sprintf(`<num numId="%d"><abstractNumId val="%d"/></num>`, 10+i, 10+i)
		body += item(10+i, 0, "first") + item(10+i, 0, "second")
		want = append(want, "", mark+") second")
	}
	got, err := office.DOCX(zipped(t, "word/numbering.xml", numbering+nums+"</numbering>", "word/document.xml", "<document><body>"+body+"</body></document>",
		"word/styles.xml", `<styles><style styleId="LS"><name val="LS"/><pPr><numPr><numId val="2"/></numPr></pPr></style></styles>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := texts(got)
	for i := range want {
		if want[i] == "" && i < len(lines) {
			lines[i] = "" // only the second number of each form is checked
		}
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
