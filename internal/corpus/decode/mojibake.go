package decode

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/accord-search/accord/internal/corpus/prose"
)

// lostSpaceRE finds "Ã la" for "à la". The second character of "à" was a no-break space,
// which editors turn into a space.
var lostSpaceRE = regexp.MustCompile(`(^|[^\p{L}])Ã {1,2}(\p{Ll})`)

// lostQuoteRE finds "â€" for "”" after a word. Windows-1252 does not define the third byte
// of "”". Therefore many decoders lose it.
var lostQuoteRE = regexp.MustCompile(`([\p{L}.,!?…])â€([\s,.;:!?)]|$)`)

// lostRune is U+FFFD in UTF-8, read as Windows-1252.
const lostRune = "ï¿½"

// Mend repairs text that was decoded wrongly, line by line: UTF-8 read as Windows-1252
// (once or twice), UTF-8 read as GBK, and GBK read as Windows-1252. It does not change what
// may be correct in some language.
func Mend(text string) string {
	if isASCII(text) {
		return text
	}
	before := mendGBKReadAsLatin(strings.ReplaceAll(text, lostRune, "\uFFFD"))
	lines := strings.SplitAfter(before, "\n")
	for i, l := range lines {
		if isASCII(l) {
			continue
		}
		l = mendUTF8ReadAsGBK(l)
		for range 3 { // texts are rarely decoded wrongly more than twice
			mended := mendUTF8ReadAsLatin(l)
			if mended == l {
				break
			}
			l = mended
		}
		lines[i] = l
	}
	after := strings.Join(lines, "")
	if after == before {
		return after
	}
	return lostQuoteRE.ReplaceAllString(lostSpaceRE.ReplaceAllString(after, "${1}à $2"), "$1”$2")
}

// isASCII reports whether all of s is ASCII.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// latinByte returns the byte above ASCII that r stands for in Windows-1252 or Latin-1.
func latinByte(r rune) (byte, bool) {
	if r >= 0x80 && r <= 0xFF {
		return byte(r), true // includes the five bytes that Windows-1252 does not define
	}
	if r < 0x80 || r == utf8.RuneError {
		return 0, false
	}
	return charmap.Windows1252.EncodeRune(r)
}

// latinRun returns the bytes of the longest run of Windows-1252 characters above ASCII at
// the start of s. offsets are the offsets in s of these characters and of the end of the
// run.
func latinRun(s string) (run []byte, offsets []int) {
	for i, r := range s {
		b, ok := latinByte(r)
		if !ok {
			// many decoders lose the last byte of a closing quote (E2 80 9D)
			if r != utf8.RuneError || len(run) < 2 || run[len(run)-2] != 0xE2 || run[len(run)-1] != 0x80 {
				return run, append(offsets, i)
			}
			b = 0x9D
		}
		run, offsets = append(run, b), append(offsets, i)
	}
	return run, append(offsets, len(s))
}

// mendUTF8ReadAsLatin turns "â€™" into "’" and "ä¸­å›½" into "中国".
func mendUTF8ReadAsLatin(s string) string {
	var out strings.Builder
	before := ' '
	for len(s) > 0 {
		run, offsets := latinRun(s)
		if len(run) == 0 {
			r, size := utf8.DecodeRuneInString(s)
			out.WriteString(s[:size])
			before, s = r, s[size:]
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[offsets[len(run)]:])
		for i := 0; i < len(run); {
			r, size := utf8.DecodeRune(run[i:])
			if r == utf8.RuneError || !plausible(r, run, size, before, after) {
				r, _ = utf8.DecodeRuneInString(s[offsets[i]:])
				size = 1
			}
			out.WriteRune(r)
			before = r
			i += size
		}
		s = s[offsets[len(run)]:]
	}
	return out.String()
}

// plausible reports whether the first size bytes of run are meant to be the single
// character r. Otherwise they are correct as Latin characters, as in "PERÚ”" and "café…”".
func plausible(r rune, run []byte, size int, before, after rune) bool {
	alone := size == len(run)
	switch {
	case size == 1:
		return false
	case r >= 0x2000 && r < 0x2C00, r >= 0x1F000: // punctuation, symbols, emoji
		return true
	case size == 2 && r <= 0x17F:
		capitals := unicode.IsUpper(before) && !unicode.IsLetter(after)
		return !capitals || !alone && mostlyUTF8(run)
	case alone:
		return !unicode.IsLetter(before) && size > 2
	}
	return mostlyUTF8(run) // words in Greek, Cyrillic or Chinese give long runs
}

// mostlyUTF8 reports whether at least four fifths of run are UTF-8.
func mostlyUTF8(run []byte) bool {
	_, broken := countUTF8(run)
	return broken*5 <= len(run)
}

// mendUTF8ReadAsGBK repairs a line such as "鎴戜滑", unless too much of it was lost.
func mendUTF8ReadAsGBK(s string) string {
	if prose.CountHan(s) < 4 {
		return s
	}
	encoder := simplifiedchinese.GB18030.NewEncoder()
	var read strings.Builder
	for i, piece := range strings.Split(s, "\uFFFD") {
		encoded, err := encodeGBK(encoder, piece)
		if err != nil {
			return s
		}
		if i > 0 {
			read.WriteByte(0xFF) // stands for lost bytes
		}
		read.WriteString(encoded)
	}
	bytes := read.String()
	if _, broken := countUTF8([]byte(bytes)); broken*8 > len(bytes) {
		return s
	}
	bytes = strings.ToValidUTF8(bytes, "\uFFFD")
	// The bytes of correct Chinese text may be valid UTF-8 in words of two or three
	// characters, but then the result is not Chinese.
	if han := prose.CountHan(bytes); han*2 < utf8.RuneCountInString(bytes)-asciiCount(bytes) {
		return s
	}
	return bytes
}

// encodeGBK encodes s in code page 936, which has two bytes for each user-defined character.
// In Unicode these are private-use characters, for which GB18030 would use four bytes.
func encodeGBK(encoder *encoding.Encoder, s string) (string, error) {
	if !strings.ContainsFunc(s, func(r rune) bool { _, ok := privateGBK(r); return ok }) {
		return encoder.String(s)
	}
	var out strings.Builder
	for _, r := range s {
		if pair, ok := privateGBK(r); ok {
			out.Write(pair)
			continue
		}
		encoded, err := encoder.String(string(r))
		if err != nil {
			return "", err
		}
		out.WriteString(encoded)
	}
	return out.String(), nil
}

// privateGBK returns the two bytes of a private character, by the three ranges of code page
// 936: AAA1 to AFFE, F8A1 to FEFE and A140 to A7A0.
func privateGBK(r rune) ([]byte, bool) {
	switch {
	case r >= 0xE000 && r < 0xE234:
		return []byte{byte(0xAA + (r-0xE000)/94), byte(0xA1 + (r-0xE000)%94)}, true
	case r >= 0xE234 && r < 0xE4C6:
		return []byte{byte(0xF8 + (r-0xE234)/94), byte(0xA1 + (r-0xE234)%94)}, true
	case r >= 0xE4C6 && r < 0xE766:
		trail := 0x40 + (r-0xE4C6)%96
		if trail >= 0x7F {
			trail++
		}
		return []byte{byte(0xA1 + (r-0xE4C6)/96), byte(trail)}, true
	}
	return nil, false
}

// mendGBKReadAsLatin turns "ÖÐ¹ú" into "中国". It repairs single characters only if most of
// the text is in this form.
func mendGBKReadAsLatin(s string) string {
	latin, chinese := 0, 0
	eachLatinRun(s, func(piece string, run []byte) {
		latin += len(run)
		if _, ok := gb2312(run); ok && len(run) >= 4 {
			chinese += len(run)
		}
	})
	if chinese == 0 {
		return s
	}
	shortest := 4
	if chinese*4 >= latin*3 {
		shortest = 2
	}
	var out strings.Builder
	eachLatinRun(s, func(piece string, run []byte) {
		if mended, ok := gb2312(run); ok && len(run) >= shortest {
			piece = mended
		}
		out.WriteString(piece)
	})
	return out.String()
}

// eachLatinRun calls do with each piece of s in order. If the piece is a run of
// Windows-1252 characters above ASCII, run has its bytes; otherwise run is empty.
func eachLatinRun(s string, do func(piece string, run []byte)) {
	for len(s) > 0 {
		run, offsets := latinRun(s)
		end := offsets[len(run)]
		if len(run) == 0 {
			_, end = utf8.DecodeRuneInString(s)
		}
		do(s[:end], run)
		s = s[end:]
	}
}

// gb2312 decodes run. ok is false if run is valid UTF-8 or not GB2312, or if less than two
// thirds of its characters are punctuation or among the 3,755 most common ones (lead bytes
// B0 to D7).
func gb2312(run []byte) (string, bool) {
	if len(run) == 0 || len(run)%2 != 0 || utf8.Valid(run) {
		return "", false
	}
	common, pairs := 0, len(run)/2
	for i := 0; i < len(run); i += 2 {
		lead, trail := run[i], run[i+1]
		if lead < 0xA1 || lead > 0xF7 || trail < 0xA1 || trail == 0xFF {
			return "", false
		}
		if lead >= 0xB0 && lead <= 0xD7 || lead == 0xA1 || lead == 0xA3 {
			common++
		}
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(run)
	if err != nil || common*3 < pairs*2 {
		return "", false
	}
	return string(text), true
}

// asciiCount counts the ASCII characters of s.
func asciiCount(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			n++
		}
	}
	return n
}
