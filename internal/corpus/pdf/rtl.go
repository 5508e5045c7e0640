package pdf

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"golang.org/x/text/unicode/bidi"
)

const (
	maxChars   = 50_000 // of a page that is read by its characters; the rest is ignored
	joinedGap  = 0.2    // maximum space inside a word, in ems
	sharedLine = 0.5    // minimum share of the height that characters of a line have in common
)

// char is a character with its box. Left and right are exchanged and negative, so that a
// page reads from small to large numbers.
type char struct {
	box
	text  string
	index int
}

// isRightToLeft reports whether most letters of a text are of scripts that are written from
// right to left.
func isRightToLeft(text string) bool {
	with, against := 0, 0
	for _, r := range text {
		switch {
		case isRTL(r):
			with++
		case unicode.IsLetter(r):
			against++
		}
	}
	return with > against
}

func isRTL(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	class := properties.Class()
	return class == bidi.R || class == bidi.AL
}

// rightToLeft returns the runs of a page that is written from right to left. PDFium gives
// such text partly in the order of reading and partly from left to right, depending on the
// program that made the file. Therefore the order comes from the places of the characters.
// The boxes are mirrored: the page is then ordered like any other.
func (e *engine) rightToLeft(page references.FPDF_TEXTPAGE, count int) ([]run, error) {
	var line []char
	var runs []run
	flush := func() {
		for _, piece := range piecesOf(line) {
			r := runOf(piece)
			e.font(page, &r)
			runs = append(runs, r)
		}
		line = nil
	}
	for i := range min(count, maxChars) {
		c, ok, err := e.char(page, i)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if n := len(line); n > 0 && !sameLine(line[n-1], c) {
			flush()
		}
		line = append(line, c)
	}
	flush()
	return runs, nil
}

// char returns a character. ok is false for one that the page does not draw, such as a line
// end that PDFium adds.
func (e *engine) char(page references.FPDF_TEXTPAGE, index int) (c char, ok bool, err error) {
	code, err := e.instance.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: page, Index: index})
	if err != nil {
		return c, false, err
	}
	loose, err := e.instance.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: page, Index: index})
	if r := rune(code.Unicode); err != nil || unicode.IsSpace(r) || unicode.IsControl(r) {
		return c, false, nil // words are separated by spaces
	}
	at := loose.Rect
	c = char{text: string(rune(code.Unicode)), index: index}
	c.box = box{left: -float64(at.Right), right: -float64(at.Left), bottom: float64(at.Bottom), top: float64(at.Top)}
	return c, true, nil
}

func sameLine(a, b char) bool {
	shared := min(a.top, b.top) - max(a.bottom, b.bottom)
	return shared >= sharedLine*min(a.top-a.bottom, b.top-b.bottom)
}

// piecesOf returns the characters of a line in the order of their places, divided at wide
// gaps. The characters of a ligature share a place: PDFium gives them from left to right.
func piecesOf(line []char) (pieces [][]char) {
	line = slices.Clone(line)
	slices.Reverse(line)
	slices.SortStableFunc(line, func(a, b char) int { return cmp.Compare(a.left, b.left) })
	right, em := 0.0, emOf(line)
	for _, c := range line {
		if n := len(pieces); n > 0 && c.left-right < cellGap*em {
			pieces[n-1] = append(pieces[n-1], c)
			right = max(right, c.right)
			continue
		}
		pieces = append(pieces, []char{c})
		right = c.right
	}
	return pieces
}

// emOf returns the size of the highest character. Some fonts give each character a box of
// its own height.
func emOf(line []char) float64 {
	em := 1.0
	for _, c := range line {
		em = max(em, c.top-c.bottom)
	}
	return em
}

// runOf joins characters that are in the order of their places.
func runOf(piece []char) run {
	r := run{left: piece[0].left, right: piece[0].right, bottom: piece[0].bottom, top: piece[0].top, size: emOf(piece), start: piece[0].index}
	var parts []string
	em := emOf(piece)
	for i, c := range piece {
		if i > 0 && c.left-r.right > joinedGap*em {
			parts = append(parts, " ")
		}
		parts = append(parts, c.text)
		r.left, r.right, r.bottom, r.top = min(r.left, c.left), max(r.right, c.right), min(r.bottom, c.bottom), max(r.top, c.top)
	}
	r.text = strings.Join(turned(parts), "")
	return r
}

// turned reverses the numbers and words that are read from left to right in parts, which has the
// characters of a line from right to left.
func turned(parts []string) []string {
	for i := 0; i < len(parts); i++ {
		if !isForward(parts[i]) {
			continue
		}
		end := i + 1
		for at := end; at < len(parts) && !isRTL([]rune(parts[at])[0]); at++ {
			if isForward(parts[at]) {
				end = at + 1
			} else if parts[at] == " " && !isLatin(parts[end-1]) {
				break // two numbers
			}
		}
		slices.Reverse(parts[i:end])
		i = end - 1
	}
	return parts
}

func isLatin(s string) bool { return unicode.IsLetter([]rune(s)[0]) }

// isForward reports whether a character is written from left to right: a digit, or a letter
// of most scripts.
func isForward(s string) bool {
	r := []rune(s)[0]
	return unicode.IsDigit(r) || unicode.IsLetter(r) && !isRTL(r)
}
