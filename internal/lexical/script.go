package lexical

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// variants maps letters and signs to the forms that they are variants of: ё to е, the
// Persian ya to the Arabic one, ٪ to %.
var variants = readForms(variantLines)

const (
	wordJoiner = '\u200c' // the zero-width non-joiner
	stress     = '\u0301' // over Cyrillic vowels, in books for learners
	nukta      = '\u093c'
	virama     = '\u094d'
	anusvara   = "\u0902"
)

// visible removes the characters that cannot be seen inside a word: soft hyphens,
// zero-width characters, direction marks, variation selectors and the tatweel, which only makes Arabic
// words longer. at maps each remaining byte to its offset in text; it is nil if
// nothing was removed. The zero-width non-joiner is kept between Arabic letters,
// since Persian writes it between a word and its ending.
func visible(text string) (kept string, at []int) {
	if strings.IndexFunc(text, isInvisible) < 0 {
		return text, nil
	}
	var out strings.Builder
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[i+size:])
		if !isInvisible(r) || r == wordJoiner && arabicLetter(before) && arabicLetter(next) {
			out.WriteString(text[i : i+size])
			for n := range size {
				at = append(at, i+n)
			}
			before = r
		}
		i += size
	}
	if at == nil {
		at = []int{}
	}
	return out.String(), at
}

func isInvisible(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x640, r == 0x180E, r == 0xFEFF:
		return true
	}
	return r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x206F || unicode.Is(unicode.Variation_Selector, r)
}

func arabicLetter(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) }

// foldRune returns the rune that r is compared as, or -1 for a mark that is ignored.
func foldRune(r rune) rune {
	switch {
	case r >= '㐀' && r <= '鿿': // Han first, since it is most of a Chinese text
		return simplified(r)
	case r == nukta || r == stress:
		return -1
	case r < utf8.RuneSelf:
		return unicode.ToLower(r)
	case r >= 'ァ' && r <= 'ヶ':
		return r - 'ァ' + 'ぁ' // katakana to hiragana
	case unicode.IsDigit(r):
		return '0' + digitOf(r)
	case r == wordJoiner:
		return '-'
	}
	r = unicode.ToLower(r)
	if other, ok := variants[r]; ok {
		return other
	}
	return simplified(r)
}

// digitOf returns the value of a decimal digit of any script. Unicode places the ten
// digits of a script in order.
func digitOf(r rune) rune {
	for _, table := range unicode.Nd.R16 {
		if rune(table.Lo) <= r && r <= rune(table.Hi) {
			return (r - rune(table.Lo)) % 10
		}
	}
	list := unicode.Nd.R32
	i := sort.Search(len(list), func(i int) bool { return rune(list[i].Hi) >= r })
	return (r - rune(list[i].Lo)) % 10
}

// ignoresMarks reports whether the marks of a decomposed character that begins with first
// are ignored. People often leave out vowel points and accents. Even ignoring the tilde of
// ñ did not make results for Spanish questions worse.
func ignoresMarks(first rune) bool {
	return first < utf8.RuneSelf || unicode.In(first, unicode.Latin, unicode.Greek, unicode.Arabic, unicode.Hebrew) || unicode.IsDigit(first)
}

// isMisplaced reports whether runes[i] is a nikhahit before the tone mark that belongs before it. Both
// orders look alike, as in น้ำ, and the composed letter has the tone first.
func isMisplaced(runes []rune, i int) bool {
	return runes[i] == 'ํ' && i+1 < len(runes) && runes[i+1] >= '่' && runes[i+1] <= '๋'
}

// isNasal reports whether runes[i] is a Devanagari nasal consonant that may also be
// written as an anusvara: before a stop of its own row, as in हिन्दी.
func isNasal(runes []rune, i int) bool {
	if runes[i] < 'ङ' || runes[i] > 'म' || i+2 >= len(runes) || runes[i+1] != virama {
		return false
	}
	stop := runes[i+2]
	switch runes[i] {
	case 'ङ':
		return stop >= 'क' && stop <= 'घ'
	case 'ञ':
		return stop >= 'च' && stop <= 'झ'
	case 'ण':
		return stop >= 'ट' && stop <= 'ढ'
	case 'न':
		return stop >= 'त' && stop <= 'ध'
	case 'म':
		return stop >= 'प' && stop <= 'भ'
	}
	return false
}
