package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGoogleDocsPage checks a page as Google Docs exports it, in a ZIP archive with its pictures:
// the notes are kept, and the comments left out.
func TestGoogleDocsPage(t *testing.T) {
	t.Parallel()
	const paragraph = `<p class="c2"><span class="c1">`
	page := `<html><head><meta content="text/html; charset=UTF-8" http-equiv="content-type"><style type="text/css">.c1{color:#000000}.c2{padding-top:0pt}</style></head><body class="c8 doc-content">` +
		`<p class="c3 title" id="h.4x1"><span class="c1">The locks of the upper river</span></p>` +
		`<h1 class="c4" id="h.5x2"><span class="c1">Gates</span></h1>` +
		paragraph + `The keeper opens the first gate at dawn, before the boats leave the quay</span><sup class="c5"><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup><span class="c1">.</span></p>` +
		paragraph + `At night all gates are shut and the lamps burn</span><sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup><sup><a href="#cmnt2" id="cmnt_ref2">[b]</a></sup><span class="c1"> until the last boat is home.</span></p>` +
		`<ul class="c6 lst-kix_x-0 start"><li class="c2"><span class="c1">oil for the lamps, which the village pays</span></li><li class="c2"><span class="c1">rope for the boats</span></li></ul>` +
		`<h2 class="c4" id="h.6x3"><span class="c1">Levels</span></h2>` +
		`<a id="t.1"></a><a id="t.0"></a><table class="c9"><tr class="c10"><td class="c11" colspan="1" rowspan="1"><p class="c2"><span>Year</span></p></td><td class="c11" colspan="1" rowspan="1"><p class="c2"><span>Level</span></p></td></tr><tr class="c10"><td class="c11"><p class="c2"><span>2021</span></p></td><td class="c11"><p class="c2"><span>1.9 m</span></p></td></tr></table>` +
		paragraph + `The pumps stop by themselves when the power fails, and start again in the morning.</span></p>` +
		`<hr class="c12"><div><p class="c2"><a href="#ftnt_ref1" id="ftnt1">[1]</a><span class="c1">&nbsp;In winter it stays shut until eight.</span></p></div>` +
		`<div class="c13"><p class="c2"><a href="#cmnt_ref1" id="cmnt1">[a]</a><span class="c1">Who pays for that?</span></p><p class="c2"><span>Please check.</span></p></div>` +
		`<div class="c13"><p class="c2"><a href="#cmnt_ref2" id="cmnt2">[b]</a><span class="c1">Looks fine to me.</span></p></div></body></html>`
	file, err := read(t, "a.zip", packed(t, map[string]string{"Locks.html": page, "images/image1.png": "\x89PNG"}))
	if err != nil || len(file.Documents) != 1 {
		t.Fatalf("%d documents, %v", len(file.Documents), err)
	}
	d := file.Documents[0]
	want := []string{
		"Gates", "The keeper opens the first gate at dawn, before the boats leave the quay[1].", "At night all gates are shut and the lamps burn until the last boat is home.",
		"oil for the lamps, which the village pays", "rope for the boats", "Levels", "Year | Level", "2021 | 1.9 m",
		"The pumps stop by themselves when the power fails, and start again in the morning.", "[1] In winter it stays shut until eight.",
	}
	if diff := cmp.Diff(want, strings.Split(d.Text, "\n\n")); diff != "" || d.Title != "The locks of the upper river" {
		t.Errorf("title %q, paragraphs (-want +got):\n%s", d.Title, diff)
	}
}
