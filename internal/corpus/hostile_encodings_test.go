package corpus_test

import (
	"strings"
	"unicode/utf16"
)

// hostileEncodings has functions that make files in encodings that are meant to take long to tell.
var hostileEncodings = map[string]func(size int) []byte{
	"utf-16.txt":         func(size int) []byte { return inUTF16(strings.Repeat("The gate is open. ", size/36), true) },
	"utf-16-big.txt":     func(size int) []byte { return inUTF16(strings.Repeat("双方同意。", size/10), false) },
	"utf-16-lines.txt":   func(size int) []byte { return inUTF16(strings.Repeat("a\n", size/4), true) },
	"utf-16.html":        func(size int) []byte { return inUTF16(strings.Repeat("<p>The gate is open.", size/40), true) },
	"utf-16.csv":         func(size int) []byte { return inUTF16("title,text\n"+strings.Repeat("a,b\n", size/8), true) },
	"utf-16.jsonl":       func(size int) []byte { return inUTF16(strings.Repeat(`{"text":"a"}`+"\n", size/26), false) },
	"surrogates.txt":     repeated("\xff\xfe", "\x00\xd8", "\n\x00"),
	"nuls-few.txt":       repeated("", strings.Repeat("The gate is open. ", 20)+"\x00", ""),
	"utf-7.txt":          repeated("", "+AGEA6Q- and ", "\n"),
	"utf-32.txt":         repeated("\xff\xfe\x00\x00", "a\x00\x00\x00", ""),
	"iso-2022.txt":       repeated("", "\x1b$B$\"$$\x1b(B ", "\n"),
	"hz.txt":             repeated("", "~{<:Ky2;~} ", "\n"),
	"marks-of-order.md":  repeated("", "\xef\xbb\xbf", "Text."),
	"half-letters.txt":   repeated("", "\xe4\xb8", " a\n"),
	"overlong.txt":       repeated("", "\xc0\xaf\xf8\x88\x80\x80\x80 a", "\n"),
	"lines-mixed.txt":    repeated("", "Das Schloß\nDas Schlo\xdf\n", ""),
	"returns.txt":        repeated("", "The gate is open.\r", ""),
	"separators-of.txt":  repeated("", "The gate is open.\u2028", ""),
	"soft-hyphens.txt":   repeated("", "a\u00ad\n", ""),
	"full-width.txt":     repeated("", "Ａ１．", "\n"),
	"emoji.txt":          repeated("", "👩‍👩‍👧‍👦", "\n"),
	"garbled-twice.txt":  repeated("", "ÃƒÂ©tÃƒÂ© ", "\n"),
	"declared.html":      repeated("<meta charset=gb18030><p>", "\xd6\xd0\xb9\xfa", ""),
	"declared-many.html": repeated("", "<meta charset=windows-1251>", "<p>\xc4\xe0"),
}

// inUTF16 returns text in UTF-16 without a mark of the byte order.
func inUTF16(text string, little bool) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if little {
			out = append(out, byte(unit), byte(unit>>8))
		} else {
			out = append(out, byte(unit>>8), byte(unit))
		}
	}
	return out
}
