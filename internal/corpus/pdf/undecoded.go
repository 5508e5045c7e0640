package pdf

import (
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	maxUnknown = 0.1 // maximum share of characters without a letter on a page that is read
	// minSmall is the minimum share of small letters in codes that are text, and minVowels and
	// maxVowels are the limits for the share of vowels among them.
	minSmall, minVowels, maxVowels = 0.6, 0.25, 0.55
)

// isUndecoded reports whether the fonts of a page do not say which letters they show: PDFium
// finds no letter for many characters and gives their codes instead. Some bullets and signs
// without a letter do no harm, nor do old fonts whose codes are those of the letters.
func (e *engine) isUndecoded(page references.FPDF_TEXTPAGE, count int) (bool, error) {
	count = min(max(count, 0), maxChars)
	var codes strings.Builder
	unknown := 0
	for i := range count {
		found, err := e.instance.FPDFText_HasUnicodeMapError(&requests.FPDFText_HasUnicodeMapError{TextPage: page, Index: i})
		if err != nil {
			return false, err
		}
		if !found.HasUnicodeMapError {
			continue
		}
		unknown++
		if code, err := e.instance.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: page, Index: i}); err == nil {
			codes.WriteRune(rune(code.Unicode))
		}
	}
	return float64(unknown) > maxUnknown*float64(count) && !isLatinText(codes.String()), nil
}

// isLatinText reports whether codes look like text in Latin letters.
func isLatinText(codes string) bool {
	small, vowels, all := 0.0, 0.0, 0.0
	for _, r := range codes {
		if unicode.IsSpace(r) {
			continue
		}
		all++
		if r < 'a' || r > 'z' {
			continue
		}
		small++
		if strings.ContainsRune("aeiouy", r) {
			vowels++
		}
	}
	return small > minSmall*all && vowels > minVowels*small && vowels < maxVowels*small
}
