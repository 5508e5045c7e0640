package corpus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBook checks the text of books: the marks of their notes, and the numbers of their lists.
func TestBook(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ chapter, want string }{
		"notes": {
			`<p>The lock<a href="#n1" epub:type="noteref">1</a> is open<a href="#n2" role="doc-noteref">[2]</a>.</p>
			<aside epub:type="footnote" id="n1"><p>Below the bridge.</p><p>Since May.</p></aside><aside role="doc-footnote" id="n2"><p><a href="#r2">2</a>. At dawn.</p></aside>`,
			"The lock[1] is open[2].\n\n[1] Below the bridge.\n\nSince May.\n\n2. At dawn.",
		},
		"notes of older books": {
			`<p>The lock<a href="#fn1" class="footnote-ref" id="r1"><sup>1</sup></a> is open<sup>[<a id="r2" href="n.xhtml#fn2">2</a>]</sup>, 3 m<sup>2</sup> wide<a href="#c">4</a>.</p>
			<section class="footnotes"><ol><li id="fn1"><p>Below the bridge.<a href="#r1" class="footnote-back">↩︎</a></p></li></ol><p id="fn2">[<a href="#r2">←2</a>] At dawn. <a href="#top">^</a></p></section>`,
			"The lock[1] is open[2], 3 m² wide4.\n\n1. Below the bridge.\n\n[2] At dawn.",
		},
		"formulas": {
			`<p>So <math><semantics><mrow><mfrac><mn>1</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup><msqrt><mi>y</mi></msqrt><msub><mi>H</mi> <mn>2</mn></msub></mrow><annotation encoding="TeX">\frac</annotation></semantics></math> holds.</p>`,
			"So 1/(a+b)=x²√yH2 holds.",
		},
		"lists": {
			`<p>The keeper must do this:</p><ol type="a"><li>open the gate,</li><li>ring the bell.<ol style="list-style-type: upper-roman" start="4"><li>Once at dawn.</li><li value="9">Once at dusk.</li></ol></li></ol><ol class="x"><li>Rest.</li></ol>`,
			"The keeper must do this:\n\na. open the gate,\n\nb. ring the bell.\n\nIV. Once at dawn.\n\nIX. Once at dusk.\n\n1. Rest.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.epub", bookOf(t, []string{"<html><body>" + tc.chapter + "</body></html>"}, 1))
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("%d documents, %v", len(file.Documents), err)
			}
			if diff := cmp.Diff(tc.want, file.Documents[0].Text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}
