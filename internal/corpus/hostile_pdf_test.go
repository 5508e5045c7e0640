package corpus_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
	"time"
)

// maxPDFTime is the maximum processor time for a hostile PDF. Most of it is taken by the
// start of the engine.
const maxPDFTime = 12 * time.Second

// TestHostilePDFs checks that PDFs that refer to themselves, or that are much larger than
// they look, are read or refused within maxPDFTime.
func TestHostilePDFs(t *testing.T) { // not parallel: it counts what all goroutines take
	const catalog, pages = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>"
	const font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
	text := stream(t, "", "BT /F 12 Tf 10 100 Td (Text of the page.) Tj ET /X Do")
	for name, tc := range map[string]struct {
		data  []byte
		reads bool // whether its text is read
	}{
		"sound.pdf":      {pdfOf("", catalog, pages, page, text, font, font), true},
		"no-table.pdf":   {bytes.Split(pdfOf("", catalog, pages, page, text, font, font), []byte("xref"))[0], false},
		"pages-loop.pdf": {pdfOf("", catalog, "<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R]/Count 1000000>>", page, text, font, font), false},
		"table-loop.pdf": {pdfOf("/Prev 9", catalog, pages, page, text, font, font), true},
		"form-loop.pdf":  {pdfOf("", catalog, pages, page, text, font, stream(t, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>", "/X Do")), true},
		"image.pdf":      {pdfOf("", catalog, pages, page, text, font, stream(t, "/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB", strings.Repeat("\x00", 1<<20))), true},
		"bomb.pdf":       {pdfOf("", catalog, pages, page, stream(t, "", strings.Repeat("q 1 0 0 1 0 0 cm ", 1<<18)), font, font), false},
		"deep.pdf":       {pdfOf("", catalog, pages, page, text, font, strings.Repeat("[", 1<<20)+strings.Repeat("]", 1<<20)), true},
		"runs.pdf":       {pdfOf("", catalog, pages, page, stream(t, "", "BT /F 12 Tf "+strings.Repeat("1 0 Td (a) Tj ", 1<<17)+"ET"), font, font), false},
		"many.pdf":       {pdfOf("", catalog, "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 4000)+"]/Count 4000>>", page, text, font, font), false},
	} {
		t.Run(name, func(t *testing.T) {
			begun := processorTime(t)
			file, err := read(t, name, tc.data)
			if taken := processorTime(t) - begun; taken > maxPDFTime {
				t.Errorf("takes %v", taken)
			}
			if read := err == nil && strings.Contains(file.Documents[0].Text, "Text of the page."); tc.reads && !read || err == nil && len(file.Documents) == 0 {
				t.Errorf("%d documents, %v; want its text: %t", len(file.Documents), err, tc.reads)
			}
		})
	}
}

// pdfOf returns a PDF of objects that are numbered from 1. trailer is added to the entries
// of its trailer.
func pdfOf(trailer string, objects ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "%strailer<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF", table, len(objects)+1, trailer, start)
	return out.Bytes()
}

// stream returns a compressed stream of content. entries are added to its dictionary.
func stream(t *testing.T, entries, content string) string {
	t.Helper()
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("<</Filter/FlateDecode/Length %d%s>>stream\n%s\nendstream", packed.Len(), entries, packed.String())
}
