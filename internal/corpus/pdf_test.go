package corpus_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/corpus/pdf"
)

// codes writes text for the font of typesetPDF. The character U+E001 is a ligature, لأ, and
// U+E002 and U+E003 are the bullets of Symbol and Wingdings.
func codes(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, "%04X", unit)
	}
	return "<" + out.String() + ">"
}

// show draws text at a place. All characters are half as wide as high.
func show(x, y int, text string) string {
	return fmt.Sprintf("BT /F 12 Tf 1 0 0 1 %d %d Tm %s Tj ET ", x, y, codes(text))
}

// typesetPDF returns a PDF with the pages. Its font has a table of its letters if named is set.
func typesetPDF(t *testing.T, named bool, pages ...string) []byte {
	t.Helper()
	toUnicode := ""
	if named {
		toUnicode = "/ToUnicode 6 0 R"
	}
	const cmap = "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 4 beginbfrange <2000> <20FF> <2000> <0000> <00FF> <0000> <0500> <05FF> <0500> <0600> <06FF> <0600> endbfrange 3 beginbfchar <E001> <06440623> <E002> <F0B7> <E003> <F0A7> endbfchar endcmap"
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 7+2*i)
	}
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(pages)),
		"<</Type/Font/Subtype/Type0/BaseFont/Own/Encoding/Identity-H/DescendantFonts[4 0 R]" + toUnicode + ">>",
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/Own/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500/FontDescriptor 5 0 R>>",
		"<</Type/FontDescriptor/FontName/Own/Flags 4/FontBBox[0 -200 500 800]/Ascent 800/Descent -200/CapHeight 700/ItalicAngle 0/StemV 80>>",
		stream(t, "", cmap),
	}
	for i, page := range pages {
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>", 8+2*i), stream(t, "", page))
	}
	return pdfOf("", objects...)
}

// TestRightToLeftPDF checks that text from right to left comes in the order of reading, with
// numbers, words of other scripts and ligatures, whichever way a program draws it.
func TestRightToLeftPDF(t *testing.T) {
	t.Parallel()
	lines := []string{"המעגן פתוח לכל הסירות ביום 12 במאי.", "סעיף 2 חל על GRT Lloyd ועל 3 סירות.", "المرسى مفتوح للقوارب في 25 مايو."}
	const ligature = "على الطريق ا\ue001كثر في يوم 3 مايو."
	for name, turn := range map[string]string{"upright": "1 0 0 1 100 %d Tm", "flipped": "1 0 0 -1 100 %d Tm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var page strings.Builder
			for i, l := range append(slices.Clone(lines), ligature) {
				at := 700 - 40*i
				if name == "flipped" { // the page is upside down, and so are its letters
					at = 800 - at
				}
				fmt.Fprintf(&page, "BT /F 12 Tf "+turn+" %s Tj ET ", at, codes(visually(l)))
			}
			content := page.String()
			if name == "flipped" {
				content = "1 0 0 -1 0 800 cm " + content
			}
			file, err := read(t, name+".pdf", typesetPDF(t, true, content))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Join(append(slices.Clone(lines), "على الطريق الأكثر في يوم 3 مايو."), "\n\n")
			if got := file.Documents[0].Text; got != want {
				t.Errorf("text %q,\nwant %q", got, want)
			}
		})
	}
}

// visually returns a line from right to left as it looks from left to right.
func visually(line string) string {
	words := strings.Fields(line)
	slices.Reverse(words)
	for i, w := range words {
		letters := []rune(w)
		if letters[0] > 'z' {
			slices.Reverse(letters)
		}
		words[i] = string(letters)
	}
	return strings.ReplaceAll(strings.Join(words, " "), "Lloyd GRT", "GRT Lloyd")
}

// TestUndecodedPDF checks that a page whose fonts do not say which letters they show is named
// and not stored.
func TestUndecodedPDF(t *testing.T) {
	t.Parallel()
	const text = "The keeper of the landing counts the boats each evening."
	shifted := strings.Map(func(r rune) rune { return r - 29 }, text)
	if file, err := read(t, "undecoded.pdf", typesetPDF(t, false, show(50, 700, shifted))); !errors.Is(err, pdf.ErrUndecoded) {
		t.Errorf("%d documents, %v; want ErrUndecoded", len(file.Documents), err)
	} else if kind := corpus.KindOfFault(err); kind != "text in fonts that do not name its letters" {
		t.Errorf("kind of fault %q", kind)
	}
	for name, data := range map[string][]byte{"named.pdf": typesetPDF(t, true, show(50, 700, text)), "codes.pdf": typesetPDF(t, false, show(50, 700, text))} {
		file, err := read(t, name, data)
		if err != nil || file.Documents[0].Text != text {
			t.Errorf("%s: %v, %v; want its text", name, file.Documents, err)
		}
	}
}

// TestPartlyUndecodedPDF checks that the other pages of such a PDF are read.
func TestPartlyUndecodedPDF(t *testing.T) {
	t.Parallel()
	const text = "The keeper of the landing counts the boats each evening."
	unnamed := strings.Map(func(r rune) rune { return r + 0xE100 }, text)
	file, err := read(t, "partly.pdf", typesetPDF(t, true, show(50, 700, text), show(50, 700, unnamed)))
	if err != nil {
		t.Fatal(err)
	}
	if d := file.Documents[0]; d.Text != text || d.Metadata["undecoded_pages"] != "2" {
		t.Errorf("text %q, metadata %v; want page 1, and page 2 named", d.Text, d.Metadata)
	}
}

// TestPDFWordInPieces checks that a word that is drawn in pieces stays one word, also if the
// shapes of its letters are much narrower than the letters.
func TestPDFWordInPieces(t *testing.T) {
	t.Parallel()
	const text = "The ferry leaves the landing at noon."
	page := "BT /F 12 Tf 1 0 0 1 50 700 Tm (" + text[:5] + ") Tj ET BT /F 12 Tf 1 0 0 1 80 700 Tm (" + text[5:] + ") Tj ET"
	names, widths := "", ""
	for code := 32; code < 127; code++ {
		names, widths = names+"/g", widths+"500 "
	}
	file, err := read(t, "pieces.pdf", pdfOf("",
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[7 0 R]/Count 1>>",
		"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 32/LastChar 126/Widths["+widths+"]/Encoding<</Type/Encoding/Differences[32"+names+"]>>/CharProcs<</g 4 0 R>>/Resources<<>>/ToUnicode 5 0 R>>",
		stream(t, "", "500 0 0 0 100 700 d1 0 0 100 700 re f"),
		stream(t, "", "begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <0020> endbfrange endcmap"),
		stream(t, "", page),
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 6 0 R/Resources<</Font<</F 3 0 R>>>>>>"))
	if err != nil {
		t.Fatal(err)
	}
	if got := file.Documents[0].Text; got != text {
		t.Errorf("text %q, want %q", got, text)
	}
}

// TestPDFOverlappingLetters checks words whose letters are set so close that their boxes overlap.
func TestPDFOverlappingLetters(t *testing.T) {
	t.Parallel()
	file, err := read(t, "a.pdf", typesetPDF(t, true, show(50, 700, "The dues are below.")+show(50, 680, "Y")+show(55, 680, "ear of the T")+show(126, 680, "onnes")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("The dues are below. Year of the Tonnes", file.Documents[0].Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestPDFBullets checks that bullets are shown as such, whatever code their font has for them, and
// that they are not cells of a table.
func TestPDFBullets(t *testing.T) {
	t.Parallel()
	page := ""
	for i, item := range []string{"Open the gate.", "Ring the bell.", "Light the lamps."} {
		bullet := []string{"\uE002 ", "\uE003 ", "•"}[i]
		page += show(50, 700-20*i, bullet) + show(57+7*i, 700-20*i, item)
	}
	file, err := read(t, "bullets.pdf", typesetPDF(t, true, page))
	if err != nil {
		t.Fatal(err)
	}
	d := file.Documents[0]
	if want := "• Open the gate.\n\n▪ Ring the bell.\n\n• Light the lamps."; d.Text != want {
		t.Errorf("title %q, text %q, want %q", d.Title, d.Text, want)
	}
}

// TestPDFSuperscript checks that numbers in superscript stay apart from those that they stand beside,
// also at the foot of a page.
func TestPDFSuperscript(t *testing.T) {
	t.Parallel()
	raised := func(x, y int, text string) string {
		return fmt.Sprintf("BT /F 7 Tf 1 0 0 1 %d %d Tm %s Tj ET ", x, y, codes(text))
	}
	page := show(50, 700, "The lake has 10") + raised(142, 705, "3") + show(150, 700, "km and the lock is open.") + raised(294, 705, "1")
	page += show(50, 660, "The port is open.") + raised(152, 669, "2")
	file, err := read(t, "raised.pdf", typesetPDF(t, true, page))
	if err != nil {
		t.Fatal(err)
	}
	d := file.Documents[0]
	if want := "The lake has 10³ km and the lock is open.¹\n\nThe port is open.²"; d.Title+"\n\n"+d.Text != want && d.Text != want {
		t.Errorf("title %q, text %q, want %q", d.Title, d.Text, want)
	}
}

// TestPDFFootnotes checks that a paragraph that goes on after the footnotes of a page, or of a column,
// stays whole.
func TestPDFFootnotes(t *testing.T) {
	t.Parallel()
	small := func(x, y int, text string) string {
		return fmt.Sprintf("BT /F 9 Tf 1 0 0 1 %d %d Tm %s Tj ET ", x, y, codes(text))
	}
	line := func(y int, text string) string { return show(50, y, text) }
	const full, more = "The keeper of the landing counts the boats each evening and writes the number of", "them into a book, which the council reads at the end of each month of the year."
	const whole = full + " " + more
	const noteOne, noteTwo = "1 See the rules of the port, which are older than the landing.", "2 The council has met since the fire."
	second := line(700, more) + line(660, "At night all gates are shut.")
	for name, tc := range map[string]struct{ first, second, want string }{
		"one note":           {line(700, "A first paragraph ends here.") + line(660, full) + small(50, 80, noteOne), second, "A first paragraph ends here.\n\n" + noteOne + "\n\n" + whole + "\n\nAt night all gates are shut."},
		"two notes":          {line(660, full) + small(50, 90, noteOne) + small(50, 79, noteTwo), second, noteOne + "\n\n" + noteTwo + "\n\n" + whole + "\n\nAt night all gates are shut."},
		"the paragraph ends": {line(660, "A first paragraph ends here.") + small(50, 80, noteOne), line(700, "The gate opens at dawn."), noteOne + "\n\nThe gate opens at dawn."},
		"no note":            {line(660, full) + small(50, 80, "Printed on the river."), second, full + "\n\nPrinted on the river.\n\n" + more + "\n\nAt night all gates are shut."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.pdf", typesetPDF(t, true, tc.first, tc.second))
			if err != nil {
				t.Fatal(err)
			}
			d := file.Documents[0]
			if diff := cmp.Diff(tc.want, d.Text); diff != "" {
				t.Errorf("title %q, text (-want +got):\n%s", d.Title, diff)
			}
			if !slices.IsSorted(d.PageStarts) || len(d.PageStarts) != 2 {
				t.Errorf("pages start at %v", d.PageStarts)
			}
		})
	}
}
