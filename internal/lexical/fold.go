package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in the form in which texts are compared.
type folded struct {
	text string
	// source holds, for every byte of text, the bytes of the original that the
	// character it belongs to was made from.
	source []span
}

type span struct{ start, end int }

// span returns the bytes of the original that the bytes [start, end) of the
// folded text were made from. They must not be empty.
func (f *folded) span(start, end int) span {
	return span{f.source[start].start, f.source[end-1].end}
}

// undecomposed are Latin letters with a mark that Unicode does not take apart,
// and the letters of Latin and Greek with two lower cases.
var undecomposed = map[rune]string{
	'ß': "ss", 'ς': "σ", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'æ': "ae", 'œ': "oe", 'þ': "th",
}

// fold returns text with compatibility forms (full-width, ligatures) replaced,
// case folded, what cannot be seen left out, marks off Latin, Greek, Arabic and
// Hebrew letters, digits of every script as ASCII, traditional Chinese characters
// as simplified ones and Chinese numerals as digits.
func fold(text string) folded {
	runes, source := foldRunes(text)
	var out strings.Builder
	f := folded{source: make([]span, 0, len(text))}
	write := func(s string, from span) {
		out.WriteString(s)
		for range len(s) {
			f.source = append(f.source, from)
		}
	}
	for i := 0; i < len(runes); {
		if size, digits := hanNumber(runes, i); size > 0 {
			from := source[i].start
			for i += size; i < len(runes) && unicode.IsMark(runes[i]); i++ {
				continue // marks are off other digits too
			}
			write(digits, span{from, source[i-1].end})
			continue
		}
		if nasal(runes, i) {
			write(anusvara, span{source[i].start, source[i+1].end})
			i += 2
			continue
		}
		write(string(runes[i]), source[i])
		i++
	}
	f.text = out.String()
	return f
}

// foldRunes is fold without numerals, which are read in the context of what
// stands around them.
func foldRunes(text string) (runes []rune, source []span) {
	text, at := visible(text)
	from := func(start, end int) span {
		if at == nil {
			return span{start, end}
		}
		return span{at[start], at[end-1] + 1}
	}
	runes, source = make([]rune, 0, len(text)), make([]span, 0, len(text))
	for start := 0; start < len(text); {
		if r := rune(text[start]); r < utf8.RuneSelf && (start+1 == len(text) || text[start+1] < utf8.RuneSelf) {
			runes, source = append(runes, unicode.ToLower(r)), append(source, from(start, start+1))
			start++
			continue
		}
		end := start + norm.NFKD.NextBoundaryInString(text[start:], true)
		for _, r := range foldCharacter(norm.NFKD.String(text[start:end])) {
			runes, source = append(runes, r), append(source, from(start, end))
		}
		start = end
	}
	return runes, source
}

// foldCharacter folds a decomposed character with its marks.
func foldCharacter(character string) string {
	first, _ := utf8.DecodeRuneInString(character)
	if invisible(first) && first != wordJoiner { // what some presentation forms decompose to
		return ""
	}
	var out strings.Builder
	for len(character) > 0 { // ŉ is an apostrophe and a letter, ﬃ three letters
		end := markedEnd(character)
		part := character[:end]
		if letter, _ := utf8.DecodeRuneInString(part); unmarked(letter) {
			part = plain(strings.ToLower(part))
		}
		out.WriteString(part)
		character = character[end:]
	}
	return strings.Map(foldRune, norm.NFC.String(out.String()))
}

// markedEnd returns where the marks of the first letter of s end.
func markedEnd(s string) int {
	for at, r := range s {
		if at > 0 && !unicode.IsMark(r) {
			return at
		}
	}
	return len(s)
}

// plain returns s without marks.
func plain(s string) string {
	var out strings.Builder
	for _, r := range s {
		if letter, ok := undecomposed[r]; ok {
			out.WriteString(letter)
		} else if !unicode.IsMark(r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}
