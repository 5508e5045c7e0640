package chunk

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is a way of writing article numbers. Numbers of one form are on one level of a
// document. Numbers of different forms are on different levels.
type form string

const (
	formHan      form = "一、"
	formHanParen form = "（一）"
	formHanWord  form = "第一条"
	formWord     form = "Article 1"
	formSection  form = "Section 1"
	formPeriod   form = "1."
	formComma    form = "1、"
	formClose    form = "1)"
	formParen    form = "(1)"
	formRoman    form = "I."
)

// number is an article number at the start of a paragraph.
type number struct {
	form  form
	group int // the 3 of "Article 3.14", else 0
	value int // from 1
	label string
	size  int // length in bytes of the number, its mark and the white space around them
}

const (
	hanChars   = "〇零一二三四五六七八九十百千"
	hanDigits  = `[` + hanChars + `]+`
	digit      = `\p{Nd}`        // of any script
	digits     = digit + `{1,3}` // without a word beside it, a number of four digits may be a year
	wordDigits = digit + `{1,4}`
	gap        = `[\t\p{Zs}]*`
	// Roman numerals above 89 are not read: in names, the initials C., D. and M. are
	// more common than such article numbers.
	romans = `[IVXL]+`
)

var (
	hanRE      = regexp.MustCompile(`^(` + hanDigits + `)[、．.]`)
	hanWordRE  = regexp.MustCompile(`^[第제]` + gap + `(` + hanDigits + `|` + wordDigits + `)` + gap + `[条條조](?:[之의の](?:` + hanDigits + `|` + digits + `))?`)
	bracketRE  = regexp.MustCompile(`^[（(]` + gap + `(` + hanDigits + `|` + digits + `)` + gap + `[）)]`)
	wordMarkRE = regexp.MustCompile(`^` + gap + `(?:[.．]?[:：)）、।۔]|[.．][-–—ـ]*|[-–—ـ]+)`) // Persian writes the tatweel for a dash
	digitRE    = regexp.MustCompile(`^(` + digits + `)([.．、)）])-?`)
	romanRE    = regexp.MustCompile(`^(` + romans + `)[.．、)）]-?`)

	// hanReferenceRE matches text after 第三条 which shows that this is a reference to an
	// article and not the number of the article itself: "第三条所述", "第三条、第四条".
	hanReferenceRE = regexp.MustCompile(`^(?:所[述指列称规示]|规定|規定|的|项|項|款|[、，和与與及或至到]` + gap + `[第（(]|及其|以[及上下]|第|中[的所，]|之|[，,。；;）)》」』”])`)
	dateRE         = regexp.MustCompile(`^[0-9]{1,2}[.][ ]?[0-9]{2,4}\b`)
	initialRE      = regexp.MustCompile(`^\p{Lu}[.]`)
)

// LeadingNumber returns the article number at the start of paragraph. label is the number
// as written, without the mark after it ("十二", "第十二条", "（一）", "Article 12", "4", "IV").
// size is the length in bytes of the number, its mark and the white space around them. It
// ignores decimals, years, dates, initials and references to articles ("第三条所述", "Article 4
// of the Treaty"). It does not check whether the number is part of a series, as Passages
// does, so it reads "I. Newton" as a number. It
// does not read "Section 1".
func LeadingNumber(paragraph string) (label string, size int, ok bool) {
	n, ok := parseNumber(paragraph)
	if n.form == formSection {
		return "", 0, false // it may also number a heading
	}
	return n.label, n.size, ok
}

// IsArticleHead reports whether line is only the word and the number of an article:
// "Article 4", "第四条", "4. cikk", but not "4." and not "Article 4 Definitions".
func IsArticleHead(line string) bool {
	n, ok := parseNumber(line)
	return ok && n.size == len(line) && (n.form == formWord || n.form == formHanWord)
}

func parseNumber(paragraph string) (number, bool) {
	text := strings.TrimLeftFunc(paragraph, unicode.IsSpace)
	for _, parse := range []func(string) (number, string, bool){parseHan, parseHanWord, parseBracket, parseWord, parseWordBehind, parseOrdinal, parseDigits, parseRoman} {
		n, rest, ok := parse(text)
		if !ok {
			continue
		}
		n.size = len(paragraph) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
		return n, n.value > 0
	}
	return number{}, false
}

// parseHan reads "十二、" but not the "三、四" of "三、四月份".
func parseHan(text string) (number, string, bool) {
	m := hanRE.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	n, rest := number{form: formHan, value: hanValue(m[1]), label: m[1]}, text[len(m[0]):]
	return n, rest, !startsWithValue(rest, n.value+1)
}

// parseHanWord reads "第三条", and the Korean "제3조".
func parseHanWord(text string) (number, string, bool) {
	m := hanWordRE.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	rest := text[len(m[0]):]
	n := number{form: formHanWord, value: decimalOrHan(m[1]), label: m[0]}
	if hanReferenceRE.MatchString(rest) || refersOn(rest) {
		return number{}, "", false
	}
	return n, strings.TrimLeft(rest, "：:．.、"), true
}

// parseBracket reads "（一）" and "(4)".
func parseBracket(text string) (number, string, bool) {
	m := bracketRE.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	n, rest := number{form: formHanParen, value: decimalOrHan(m[1]), label: m[0]}, text[len(m[0]):]
	if digitValue(m[1]) > 0 {
		n.form = formParen
	}
	if hanReferenceRE.MatchString(rest) {
		return number{}, "", false
	}
	return n, strings.TrimLeft(rest, "、"), true
}

// parseDigits reads "4.", "4)", "4、" and the full-width "４．", but not decimals, dates
// ("4.11.2016"), ranges ("3、4月") or references ("4. cikk szerint").
func parseDigits(text string) (number, string, bool) {
	m := digitRE.FindStringSubmatch(text)
	if m == nil || words().behind.MatchString(text) {
		return number{}, "", false
	}
	n, rest := number{form: formClose, value: digitValue(m[1]), label: m[1]}, text[len(m[0]):]
	switch m[2] {
	case "、":
		n.form = formComma
		return n, rest, !startsWithValue(rest, n.value+1)
	case ".", "．":
		n.form = formPeriod
		next, _ := utf8.DecodeRuneInString(rest)
		spaced := strings.TrimLeftFunc(rest, unicode.IsSpace)
		return n, rest, rest == "" || !unicode.IsDigit(next) && !unicode.IsLower(next) && !unicode.IsPunct(next) && !dateRE.MatchString(spaced) ||
			strings.ContainsRune("“‘「『《〈（([\"'¿¡", next)
	}
	return n, rest, true
}

// parseRoman reads "IV.", but not the initials of "I. M. Pei" or "V.I. Lenin".
func parseRoman(text string) (number, string, bool) {
	m := romanRE.FindStringSubmatch(text)
	if m == nil || m[1] == "L" {
		return number{}, "", false
	}
	n, rest := number{form: formRoman, value: romanValue(m[1]), label: m[1]}, text[len(m[0]):]
	spaced := strings.TrimLeftFunc(rest, unicode.IsSpace)
	next, _ := utf8.DecodeRuneInString(rest)
	return n, rest, (spaced == "" || len(spaced) < len(rest) || next >= 0x2E80) && !initialRE.MatchString(spaced)
}

// startsWithValue reports whether text starts with the number value.
func startsWithValue(text string, value int) bool {
	end := strings.IndexFunc(text, func(r rune) bool {
		return !strings.ContainsRune(hanChars+"0123456789０１２３４５６７８９", r)
	})
	if end < 0 {
		end = len(text)
	}
	return decimalOrHan(text[:end]) == value
}

func decimalOrHan(s string) int {
	if v := digitValue(s); v > 0 {
		return v
	}
	return hanValue(s)
}

// digitValue returns the value of a number in decimal digits of any script, or 0 for anything
// else.
func digitValue(s string) int {
	value := 0
	for _, r := range s {
		if !unicode.IsDigit(r) || value > 9999 {
			return 0
		}
		value = value*10 + decimal(r)
	}
	return value
}

// decimal returns the value of a decimal digit. Unicode has the ten digits of a script in order,
// and no digit right before them, or digits of another style.
func decimal(r rune) int {
	if r < utf8.RuneSelf {
		return int(r - '0')
	}
	zero := r
	for unicode.IsDigit(zero - 1) {
		zero--
	}
	return int(r-zero) % 10
}

// hanValue returns the value of "二十一", "一百零三" or the digit sequence "二一", or 0 for
// anything else.
func hanValue(s string) int {
	total, digit := 0, 0
	units := map[rune]int{'十': 10, '百': 100, '千': 1000}
	for _, r := range s {
		if unit := units[r]; unit > 0 {
			total += max(digit, 1) * unit
			digit = 0
			continue
		}
		i := strings.IndexRune("〇一二三四五六七八九", r)
		if r == '零' {
			i = 0
		}
		if i < 0 || digit > 999 {
			return 0
		}
		digit = digit*10 + i/len("一")
	}
	return total + digit
}

// romanValue returns the value of a well-formed Roman numeral of the letters I, V, X
// and L, or 0 for anything else.
func romanValue(s string) int {
	tens := []string{"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"}
	ones := []string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}
	for t, ten := range tens {
		for o, one := range ones {
			if s == ten+one {
				return t*10 + o
			}
		}
	}
	return 0
}
