package pdf

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/accord-search/accord/internal/corpus/symbol"
)

// run is a piece of a line in one font. Its box is in points, from the lower left corner
// of the page.
type run struct {
	text                     string
	left, right, bottom, top float64
	size                     float64 // of the font
	base                     float64 // height of its baseline on the page; 0 if unknown
	bold                     bool
	start                    int  // index of its first character on the page, or -1 if unknown
	isRow                    bool // is a row of a table, with all its cells
	rules                    int  // number of rules above it that may divide rows
}

// read returns the runs of the page with an index from 0, in the order in which the page
// draws them. shows reports whether the page shows anything at all. It returns ErrUndecoded if
// the text cannot be read.
func (e *engine) read(index int) (runs []run, shows bool, err error) {
	loaded, err := e.instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: e.document, Index: index})
	if err != nil {
		return nil, false, err
	}
	page := requests.Page{ByReference: &loaded.Page}
	defer func() {
		_, closeErr := e.instance.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
		err = errors.Join(err, closeErr)
	}()
	text, err := e.instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return nil, false, err
	}
	defer func() {
		_, closeErr := e.instance.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
		err = errors.Join(err, closeErr)
	}()
	if runs, err = e.runs(text.TextPage); err != nil {
		return nil, true, err
	}
	if len(runs) > 0 {
		across, upright, err := e.rules(page)
		if runs[0].right < 0 { // the page is mirrored
			across, upright = mirrored(across, upright)
		}
		countRules(runs, across)
		return withTables(runs, across, upright), true, err
	}
	objects, err := e.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	return nil, err == nil && objects.Count > 0, err
}

// runs returns the runs of a page. It asks for each run, not for each character, since a
// call into the sandbox costs some microseconds.
func (e *engine) runs(page references.FPDF_TEXTPAGE) (runs []run, err error) {
	found, err := e.instance.FPDFText_CountRects(&requests.FPDFText_CountRects{TextPage: page, Count: -1})
	if err != nil {
		return nil, err
	}
	all, err := e.instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: page})
	if err != nil {
		return nil, err
	}
	if undecoded, err := e.isUndecoded(page, all.Count); err != nil || undecoded {
		return nil, cmp.Or(err, ErrUndecoded)
	}
	if whole, err := e.instance.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: page, Count: min(all.Count, maxChars)}); err == nil && isRightToLeft(whole.Text) {
		return e.rightToLeft(page, all.Count)
	}
	runs = make([]run, min(max(found.Count, 0), maxRuns))
	for i := range runs {
		at, err := e.instance.FPDFText_GetRect(&requests.FPDFText_GetRect{TextPage: page, Index: i})
		if err != nil {
			return nil, err
		}
		runs[i] = run{left: at.Left, right: at.Right, bottom: at.Bottom, top: at.Top, size: at.Top - at.Bottom, start: -1}
		if runs[i].start, err = e.firstChar(page, runs[i], at.Left); err != nil {
			return nil, err
		}
		if i > 0 && runs[i].start <= runs[i-1].start && runs[i-1].overlaps(runs[i]) { // it found the letter before
			again, err := e.firstChar(page, runs[i], runs[i-1].right)
			if err != nil {
				return nil, err
			}
			if e.beginsAt(page, again, at.Left) {
				runs[i].start = again
			}
		}
	}
	for i := range runs {
		end := all.Count
		if i+1 < len(runs) {
			end = runs[i+1].start
		}
		if err := e.fill(page, &runs[i], end); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(runs, func(r run) bool { return strings.TrimSpace(r.text) == "" }), nil
}

// firstChar returns the index of the character of a run that begins at a place.
func (e *engine) firstChar(page references.FPDF_TEXTPAGE, r run, left float64) (int, error) {
	found, err := e.instance.FPDFText_GetCharIndexAtPos(&requests.FPDFText_GetCharIndexAtPos{
		TextPage: page, X: left + 0.5, Y: (r.top + r.bottom) / 2, XTolerance: r.size / 2, YTolerance: r.size / 2,
	})
	if err != nil {
		return 0, err
	}
	return found.CharIndex, nil
}

// beginsAt reports whether the box of a character begins at a place.
func (e *engine) beginsAt(page references.FPDF_TEXTPAGE, char int, left float64) bool {
	box, err := e.instance.FPDFText_GetCharBox(&requests.FPDFText_GetCharBox{TextPage: page, Index: char})
	return err == nil && math.Abs(box.Left-left) < 0.5
}

// overlaps reports whether the next run of a line begins before r ends, as "e" does after "Y".
func (r run) overlaps(next run) bool {
	return next.left > r.left && next.left < r.right && next.right > r.right+1 && next.bottom < r.top && next.top > r.bottom
}

// fill sets the text and the font of a run that ends where the next one begins. If that
// is not certain, since pieces of the page overlap, it asks for the text in its box.
func (e *engine) fill(page references.FPDF_TEXTPAGE, r *run, end int) error {
	if r.start < 0 || end <= r.start {
		text, err := e.instance.FPDFText_GetBoundedText(&requests.FPDFText_GetBoundedText{TextPage: page, Left: r.left, Top: r.top, Right: r.right, Bottom: r.bottom})
		if err != nil {
			return err
		}
		r.text = text.Text
	} else {
		text, err := e.instance.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: page, StartIndex: r.start, Count: end - r.start})
		if err != nil {
			return err
		}
		r.text = text.Text
	}
	if r.start >= 0 {
		e.font(page, r)
	}
	return nil
}

// font sets the size and the weight of a run by its first character.
func (e *engine) font(page references.FPDF_TEXTPAGE, r *run) {
	size, err := e.instance.FPDFText_GetFontSize(&requests.FPDFText_GetFontSize{TextPage: page, Index: r.start})
	if err != nil {
		return
	}
	if m, err := e.instance.FPDFText_GetMatrix(&requests.FPDFText_GetMatrix{TextPage: page, Index: r.start}); err == nil {
		if scaled := size.FontSize * math.Hypot(float64(m.Matrix.C), float64(m.Matrix.D)); scaled > 1 {
			r.size = scaled
		}
	}
	if origin, err := e.instance.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: page, Index: r.start}); err == nil {
		r.base = origin.Y
	}
	if font, err := e.instance.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: page, Index: r.start}); err == nil {
		name := strings.ToLower(font.FontName)
		r.text = withSymbols(r.text, name)
		r.bold = strings.Contains(name, "bold") || strings.Contains(name, "black") || strings.Contains(name, "heavy")
	}
}

// fontsOfSymbols has the names of fonts of symbols, as PDFs call them.
var fontsOfSymbols = map[string]string{"symbol": "Symbol", "symbolmt": "Symbol", "wingdings": "Wingdings", "wingdings-regular": "Wingdings"}

// withSymbols returns text with the characters that its font shows for codes of its own. Codes of
// unknown fonts are kept, since they may be those of letters.
func withSymbols(text, font string) string {
	if _, name, isSubset := strings.Cut(font, "+"); isSubset {
		font = name
	}
	if known := fontsOfSymbols[font]; known != "" {
		return symbol.Text(text, known)
	}
	return privateBullets.Replace(text)
}

// privateBullets has the codes of bullets that programs use with any font.
var privateBullets = strings.NewReplacer("\uF0B7", "•", "\uF0A7", "▪")
