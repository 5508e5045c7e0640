// Package decode turns the bytes of a file into text: it detects the encoding, repairs text
// that was decoded wrongly before, and normalises the result.
package decode

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// ErrBinary is the error for data that is not text.
var ErrBinary = errors.New("holds binary data")

// Text detects the encoding of data and returns it as text. It fails if data is binary.
func Text(data []byte) (string, error) {
	text, _, err := TextInDoubt(data)
	return text, err
}

// TextInDoubt is like Text. If two encodings fit data almost equally well, doubt names
// both, beginning with the one that was used.
func TextInDoubt(data []byte) (text string, doubt []string, err error) {
	kind := http.DetectContentType(data)
	known := isKnown(kind)
	if utf16 := utf16Order(data); utf16 != nil && !known {
		text, err = utf16.NewDecoder().String(string(data))
		return text, nil, err
	}
	data = withoutStrayNULs(data, kind)
	if isBinary(data, known) {
		return "", nil, fmt.Errorf("%w (%s), not text", ErrBinary, kind)
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(data) {
		return string(data), nil, nil
	}
	if valid, broken := countUTF8(data); valid > broken {
		return decodeLines(data), nil, nil
	}
	text, doubt = decodeInDoubt(data)
	return text, doubt, nil
}

const (
	// bytesPerNUL is the minimum number of bytes per NUL in a text. If there are more NULs, the
	// data is not text; if there are fewer, the program that wrote the text made a mistake.
	bytesPerNUL = 200
	// bytesPerNULInHTML is the same for data that begins with a tag of HTML, and so is known to be
	// text. Browsers drop any number of NULs.
	bytesPerNULInHTML = 10
)

// withoutStrayNULs returns data without its NULs if they are few, or if they only fill up the last
// block of a file. kind is the type of data that http.DetectContentType found.
func withoutStrayNULs(data []byte, kind string) []byte {
	few := bytesPerNUL
	if strings.HasPrefix(kind, "text/html") {
		few = bytesPerNULInHTML
	}
	filled := bytes.TrimRight(data, "\x00")
	if count := bytes.Count(filled, []byte{0}); len(filled) == len(data) && count == 0 || count*few > len(filled) {
		return data
	}
	return bytes.ReplaceAll(filled, []byte{0}, nil)
}

// controls counts control characters that texts do not have.
func controls(data []byte) int {
	n := 0
	for _, b := range data {
		if b < ' ' && !strings.ContainsRune("\n\r\t\f\v\x1b", rune(b)) {
			n++
		}
	}
	return n
}

// utf16Order returns the byte order of data in UTF-16, or nil if data is not UTF-16.
// Without a byte order mark it counts line ends, spaces, digits and Chinese marks, whose
// high bytes show the order.
func utf16Order(data []byte) encoding.Encoding {
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	units := len(data) / 2
	zeros := bytes.Count(data, []byte{0})
	if len(data)%2 != 0 || utf8.Valid(data) && zeros*3 < units {
		return nil
	}
	var little, big int // numbers of common units in either order
	for i := 0; i+1 < len(data); i += 2 {
		if inRanges(common16, rune(data[i])|rune(data[i+1])<<8) {
			little++
		}
		if inRanges(common16, rune(data[i+1])|rune(data[i])<<8) {
			big++
		}
	}
	order := unicode.LittleEndian
	if big > little {
		order = unicode.BigEndian
	}
	utf16 := unicode.UTF16(order, unicode.IgnoreBOM)
	if max(little, big)*30 < units || max(little, big) < 3*min(little, big) || !decodesWell(utf16, data) {
		return nil
	}
	return utf16
}

// decodesWell reports whether nearly all characters of data, decoded with from, are of common scripts.
func decodesWell(from encoding.Encoding, data []byte) bool {
	text, err := from.NewDecoder().Bytes(data)
	odd := 0
	for _, r := range string(text) {
		if !inRanges(usual, r) {
			odd++
		}
	}
	return err == nil && odd*30 <= utf8.RuneCount(text)
}

// usual has the characters of common scripts: Latin, Greek, Cyrillic, Hebrew, punctuation,
// Chinese, Japanese, Korean and full-width marks.
var usual = [][2]rune{
	{'\t', '\n'},
	{'\r', '\r'},
	{' ', 0x5FF},
	{0x2000, 0x26FF},
	{0x3000, 0x33FF},
	{0x4E00, 0x9FFF},
	{0xAC00, 0xD7AF},
	{0xFE30, 0xFFEF},
}

// common16 has the UTF-16 units of printable ASCII, line ends, marks that every Chinese
// text has (、。《》 and ，：；（）) and full-width digits. "0" and the ideographic space are left
// out, since swapping the bytes of one gives the other.
var common16 = [][2]rune{
	{'\t', '\n'},
	{'\r', '\r'},
	{' ', '/'},
	{'1', '~'},
	{0x3001, 0x3003},
	{0x3005, 0x300B},
	{0xFF08, 0xFF0C},
	{0xFF10, 0xFF1B},
}

// inRanges reports whether r is in one of the ranges, which include their ends.
func inRanges(ranges [][2]rune, r rune) bool {
	for _, within := range ranges {
		if r >= within[0] && r <= within[1] {
			return true
		}
	}
	return false
}

// countUTF8 counts the valid multi-byte sequences of UTF-8 in data, and the bytes that are
// not valid UTF-8.
func countUTF8(data []byte) (valid, broken int) {
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			valid++
		}
		data = data[size:]
	}
	return valid, broken
}

// decodeLines decodes a text that is in UTF-8 except for some of its lines.
func decodeLines(data []byte) string {
	var text strings.Builder
	for l := range bytes.Lines(data) {
		if valid, broken := countUTF8(l); valid > broken {
			text.WriteString(strings.ToValidUTF8(string(l), "\uFFFD"))
		} else if broken > 0 {
			text.WriteString(decodeLegacy(l))
		} else {
			text.Write(l)
		}
	}
	return text.String()
}

const (
	// minLikely is the minimum number of points for a single-byte encoding to be preferred
	// to the Chinese, Japanese or Korean one that a detector names.
	minLikely = 1.5
	// closeCall is the difference in points below which the choice between two encodings is
	// in doubt.
	closeCall = 0.15
)

// decodeLegacy decodes text that is not in Unicode. A detector recognises Chinese, Japanese
// and Korean encodings. Single-byte encodings are recognised by the letters of the
// languages that use them.
func decodeLegacy(data []byte) string {
	text, _ := decodeInDoubt(data)
	return text
}

// decodeInDoubt is like decodeLegacy. If two single-byte encodings fit almost equally well,
// doubt names them.
func decodeInDoubt(data []byte) (text string, doubt []string) {
	from, doubt := legacyOf(data)
	decoded, err := from.NewDecoder().Bytes(data)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\uFFFD"), nil
	}
	return string(decoded), doubt
}

// legacyOf returns the encoding of a text that is not in Unicode. If two fit almost equally
// well, doubt names them.
func legacyOf(data []byte) (from encoding.Encoding, doubt []string) {
	single := readings(data)
	switch name := strings.ToLower(chardet.Detect(data).Encoding); name {
	case "gb2312", "gbk", "gb18030", "hz-gb-2312":
		from = simplifiedchinese.GB18030
	case "big5", "shift_jis", "euc-jp", "euc-kr":
		from, _ = htmlindex.Get(name)
	default:
		if highShare(data) > 0.5 && single[0].points < minLikely {
			from = simplifiedchinese.GB18030
		}
	}
	if from != nil && (single[0].points < minLikely || highShare(data) > 0.5 && fits(from, data)) {
		return from, nil
	}
	if len(single) > 1 && single[0].points-single[1].points < closeCall {
		doubt = []string{single[0].encoding, single[1].encoding}
	}
	return charmaps[single[0].encoding], doubt
}

// fits reports whether data is valid in from, a multi-byte encoding.
func fits(from encoding.Encoding, data []byte) bool {
	text, err := from.NewDecoder().Bytes(data)
	return err == nil && !bytes.Contains(text, []byte("\uFFFD"))
}

// highShare returns the number of bytes above ASCII as a share of these and the ASCII
// letters.
func highShare(data []byte) float64 {
	var high, letters int
	for _, b := range data {
		switch {
		case b >= 0x80:
			high++
			letters++
		case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z':
			letters++
		}
	}
	return float64(high) / float64(max(letters, 1))
}
