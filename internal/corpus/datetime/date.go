package datetime

import (
	"regexp"
	"strings"
)

const (
	monthWord = `([\p{L}\p{M}]{3,10})\.?`
	dayNumber = `(\d{1,2})(?:st|nd|rd|th|er|[ºª.])?`
)

// dateForm is a way of writing full dates. read gets the numbered groups of a match.
type dateForm struct {
	re   *regexp.Regexp
	read func(m []string, dayFirst bool) (year, month, day int)
}

// dateForms are the ways of writing full dates.
var dateForms = []dateForm{
	{ // 2024-11-15, 2024/11/15, 2024.11.15, 2013年04月06日
		regexp.MustCompile(`(\d{4})(?:\s*年\s*|\s?[-/.]\s?)(\d{1,2})(?:\s*月\s*|\s?[-/.]\s?)(\d{1,2})(?:\s*[日号號])?`),
		func(m []string, _ bool) (int, int, int) { return number(m[1]), number(m[2]), number(m[3]) },
	},
	{ // 二〇一六年九月十三日
		regexp.MustCompile(`([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日`),
		func(m []string, _ bool) (int, int, int) { return hanNumber(m[1]), hanNumber(m[2]), hanNumber(m[3]) },
	},
	{ // November 15, 2024; Nov. 15 2024
		regexp.MustCompile(monthWord + `\s*` + dayNumber + `\s*,?\s*(\d{4})`),
		func(m []string, _ bool) (int, int, int) { return number(m[3]), monthNumber(m[1]), number(m[2]) },
	},
	{ // 15 November 2024; 15 de noviembre de 2024; 1er mars 2024; 15-Nov-2024
		regexp.MustCompile(dayNumber + `[-\s]*(?:de |of )?\s*` + monthWord + `[-,\s]*(?:del? )?\s*(\d{4})`),
		func(m []string, _ bool) (int, int, int) { return number(m[3]), monthNumber(m[2]), number(m[1]) },
	},
	{ // 15/11/2024, 15.11.2024, 11/15/2024: the only ambiguous form, so it is the last
		regexp.MustCompile(`(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})`),
		func(m []string, dayFirst bool) (int, int, int) {
			first, second := number(m[1]), number(m[2])
			if second > 12 || !dayFirst && first <= 12 && strings.Contains(m[0], "/") {
				first, second = second, first
			}
			return number(m[3]), second, first
		},
	},
}

// yearless are the ways of writing a date in a dateline: 4月6日, Nov. 14, 14 nov.
var yearless = []struct {
	re   *regexp.Regexp
	read func(m []string) (month, day int)
}{
	{regexp.MustCompile(`(\d{1,2})月(\d{1,2})日`), func(m []string) (int, int) { return number(m[1]), number(m[2]) }},
	{regexp.MustCompile(monthWord + `\s*` + dayNumber + `\b`), func(m []string) (int, int) { return monthNumber(m[1]), number(m[2]) }},
	{regexp.MustCompile(`\b` + dayNumber + `\s*(?:de )?` + monthWord), func(m []string) (int, int) { return monthNumber(m[2]), number(m[1]) }},
}

// FindYearless returns the first month and day in a folded dateline. ok is false if there
// are none.
func FindYearless(text string) (month, day int, ok bool) {
	for _, form := range yearless {
		for _, at := range form.re.FindAllStringSubmatchIndex(text, 8) {
			month, day = form.read(groups(text, at))
			if _, ok = ValidDate(2024, month, day); ok { // 2024 is a leap year, so 29 February is valid
				return month, day, true
			}
		}
	}
	return 0, 0, false
}
