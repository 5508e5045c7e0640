package office_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/office"
)

func TestODT(t *testing.T) {
	t.Parallel()
	const styles = `<automatic-styles>
		<style name="Hid"><text-properties display="none"/></style><style name="Up"><text-properties text-position="super 58%"/></style><style name="Up2"><text-properties text-position="33% 58%"/></style>
		<style name="Down"><text-properties text-position="sub 58%"/></style>
		<list-style name="L1"><list-level-style-number level="1" num-format="1" num-suffix="."/></list-style></automatic-styles>`
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"hidden": {
			`<p>Shown<span style-name="Hid"> not <span>at all</span></span>.</p><p style-name="Hid">None.</p><section display="none"><p>None either.</p></section><section><p>Kept.</p></section>`,
			[]string{"Shown.", "Kept."},
		},
		"superscript": {
			`<p>10<span style-name="Up">3</span> and 5<span style-name="Up2">2</span>, H<span style-name="Down">2</span>O, the 1<span style-name="Up">st </span>day</p>`,
			[]string{"10³ and 5², H2O, the 1st day"},
		},
		"formula": {
			`<p>So <frame><object href="./Formula-0"/></frame> and <object href="Formula-9/"/>no more.</p>`,
			[]string{"So x²+y and no more."},
		},
		"list continued": {
			`<list id="a" style-name="L1"><list-item><p>one</p></list-item></list><p>Between.</p><list continue-list="a" style-name="L1"><list-item><p>two</p></list-item></list><list style-name="L1"><list-item><p>one again</p></list-item></list>`,
			[]string{"1. one", "Between.", "2. two", "1. one again"},
		},
		"list without a style": {
			`<list><list-item><p>one</p><list><list-item><p>inside</p></list-item></list></list-item><list-item><p>two</p></list-item></list>`,
			[]string{"- one", "- inside", "- two"},
		},
		"merged cells": {
			`<table><table-row><table-cell><p>a</p></table-cell><table-cell number-columns-spanned="2"><p>b</p></table-cell><covered-table-cell/></table-row><table-row><covered-table-cell/><table-cell><p>c</p></table-cell><table-cell><p>d</p></table-cell></table-row></table>`,
			[]string{"a | b", " | c | d"},
		},
		"frame of one cell": {
			`<table><table-row><table-cell><p>First.</p><p>Second.</p></table-cell></table-row><table-row><table-cell number-columns-repeated="2"><p>a</p></table-cell></table-row></table>`,
			[]string{"First.", "Second.", "a | a"},
		},
		"note of two paragraphs": {
			`<p>Text<note><note-citation>9</note-citation><note-body><p>One<span style-name="Hid">x</span>.</p><p>Two.</p></note-body></note>.</p>`,
			[]string{"Text[1].", "[1] One. Two."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := office.ODT(zipped(t,
				"content.xml", "<document-content>"+styles+`<body xmlns:o="urn:x:office:1.0"><o:text>`+tc.body+`</o:text></body></document-content>`,
				"Formula-0/content.xml", `<math><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup> <mo>+</mo><mi>y</mi></mrow><annotation>x^2 + y</annotation></semantics></math>`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, texts(got)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
