package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in a normalised form for comparison.
type folded struct {
	text string
	// source maps every byte of text to the bytes of the original character.
	source []span
}

type span struct{ start, end int }

// span returns the range of the original that the non-empty range [start, end) of the
// folded text was made from.
func (f *folded) span(start, end int) span {
	return span{f.source[start].start, f.source[end-1].end}
}

// undecomposed maps marked Latin letters that Unicode does not decompose, and letters
// with two lower-case forms, to their folded form.
var undecomposed = map[rune]string{
	'ß': "ss", 'ς': "σ", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'æ': "ae", 'œ': "oe", 'þ': "th",
}

// fold normalises text: it replaces compatibility forms (full-width, ligatures),
// folds case, removes invisible characters, removes marks from Latin, Greek, Arabic
// and Hebrew letters, and writes digits of every script in ASCII, traditional Chinese
// characters as simplified ones, Chinese numerals as digits, and repeated characters twice.
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
				continue // marks on other digits are removed
			}
			write(digits, span{from, source[i-1].end})
			continue
		}
		if isNasal(runes, i) {
			write(anusvara, span{source[i].start, source[i+1].end})
			i += 2
			continue
		}
		if isMisplaced(runes, i) {
			write(string(runes[i+1]), source[i+1])
			write(string(runes[i]), source[i])
			i += 2
			continue
		}
		write(string(runes[i]), source[i])
		i++
	}
	f.text = out.String()
	return f
}

// foldRunes folds text except for Chinese numerals, which need their context.
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
	readBeside(runes, source)
	return runes, source
}

// foldCharacter folds a decomposed character with its marks.
func foldCharacter(character string) string {
	first, _ := utf8.DecodeRuneInString(character)
	if isInvisible(first) && first != wordJoiner { // some presentation forms decompose to a word joiner
		return ""
	}
	var out strings.Builder
	for len(character) > 0 { // ŉ decomposes to an apostrophe and a letter, ﬃ to three letters
		end := markedEnd(character)
		part := character[:end]
		if letter, _ := utf8.DecodeRuneInString(part); isOnYa(part) {
			part = string(hamzaOnYa) // readBeside replaces it
		} else if ignoresMarks(foldRune(letter)) {
			part = plain(strings.ToLower(part))
		}
		out.WriteString(part)
		character = character[end:]
	}
	return strings.Map(foldRune, norm.NFC.String(out.String()))
}

// markedEnd returns the end of the first letter of s with its marks.
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
