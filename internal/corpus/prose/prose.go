// Package prose has what the recognisers need to know about running text: its width and
// script, where its sentences end, and how its lines are joined.
package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/chunk"
)

// Numbered reports whether text begins with the number of an article.
func Numbered(text string) bool {
	_, _, ok := chunk.LeadingNumber(text)
	return ok
}

// Tail returns the end of text, at most size bytes.
func Tail(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[len(text)-size:], "")
}

// Fold returns s with full-width characters and the digits of all scripts as ASCII, for
// parsing. It keeps the number of characters, but byte offsets differ from those in s.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r > unicode.MaxLatin1 && unicode.Is(unicode.Nd, r):
			return '0' + digit(r)
		case r == '　', r == ' ':
			return ' '
		}
		return r
	}, s)
}

// digit returns the value of a decimal digit. In Unicode, the ten digits of a script are in
// order, and the character before them is not a digit.
func digit(r rune) rune {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return r - zero
}

// Squeeze returns s without surrounding white space, and with one space for each run of
// white space.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// IsCJK reports whether r is a Chinese or Japanese character or a full-width mark.
func IsCJK(r rune) bool {
	return r >= 0x2E80 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF
}

// Width returns the width of s in columns. East Asian characters take two.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if IsCJK(r) || r >= 0xAC00 && r <= 0xD7A3 {
			n++
		}
	}
	return n
}

// CountHan counts the Chinese characters of s.
func CountHan(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

// StartsLower reports whether text begins with a small letter.
func StartsLower(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(first)
}
