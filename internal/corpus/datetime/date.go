package datetime

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

const (
	// monthWord matches a name, perhaps of two words as in Arabic, or with dots as in Thai.
	monthWord = `(` + monthName + `|` + thaiShort + `)[.׳]?`
	// monthNames also matches two names of a month, as in "كانون الثاني/يناير". Texts of the
	// United Nations in Arabic write both.
	monthNames = `(` + monthName + `(?:\s?/\s?` + monthName + `)?|` + thaiShort + `)[.׳]?`
	monthName  = `[\p{L}\p{M}]{2,14}(?: (?:ال(?:أول|اول|ثاني)|[Ff]ómhair|сар))?`
	thaiShort  = `\p{Thai}{1,2}\.\p{Thai}`
	dayNumber  = `(\d{1,2})(?:st|nd|rd|th|er|[ºª°.]|-?(?:го|е|й)|ης?)?`
	// beforeYear matches what stands between the month and the year in European languages
	// and in Thai.
	beforeYear = `[-.,\s]*(?:de la |de l['’]any |del? |of |พ\.ศ\. ?|ค\.ศ\. ?)?\s*`
)

// dateForm is a way of writing full dates. read gets the numbered groups of a match.
type dateForm struct {
	re   *pattern.Expr
	read func(m []string, style Style) (year, month, day int)
}

// dateForms are the ways of writing full dates.
var dateForms = []dateForm{
	{ // 2024-11-15, 2024/11/15, 2024.11.15, 2013年04月06日, 2023년 8월 15일
		pattern.MustCompile(`(\d{4})(?:\s*[年년]\s*|\s?[-/.]\s?)(\d{1,2})(?:\s*[月월]\s*|\s?[-/.]\s?)(\d{1,2})(?:\s*[日号號일])?`),
		func(m []string, _ Style) (int, int, int) { return number(m[1]), number(m[2]), number(m[3]) },
	},
	{ // 二〇一六年九月十三日
		pattern.MustCompile(`([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日`),
		func(m []string, _ Style) (int, int, int) { return hanNumber(m[1]), hanNumber(m[2]), hanNumber(m[3]) },
	},
	{ // 令和5年8月15日, 民國一一二年八月十五日
		pattern.MustCompile(`(?:中華|中华)?(令和|平成|昭和|大正|明治|民[國国])\s*(元|\d{1,3}|[〇○零一二三四五六七八九十百]{1,4})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日`),
		func(m []string, _ Style) (int, int, int) {
			return eras[m[1]] + hanOrDigits(m[2]), hanOrDigits(m[3]), hanOrDigits(m[4])
		},
	},
	{ // ngày 15 tháng 8 năm 2023
		pattern.MustCompile(`(\d{1,2})\s*tháng\s*(\d{1,2})\s*,?\s*(?:năm\s*)?(\d{4})`),
		func(m []string, _ Style) (int, int, int) { return number(m[3]), number(m[2]), number(m[1]) },
	},
	{ // November 15, 2024; Nov. 15 2024
		pattern.MustCompile(monthWord + `\s*` + dayNumber + `\s*,?\s*(\d{4})`),
		func(m []string, style Style) (int, int, int) {
			return commonEra(m[3]), monthNumber(m[1], style.Language), number(m[2])
		},
	},
	{ // 15 November 2024; 15 de noviembre de 2024; 1er mars 2024; 15-Nov-2024; 15 สิงหาคม 2566
		pattern.MustCompile(dayNumber + `[-\s]*(?:de |of |d['’])?\s*` + monthNames + beforeYear + `(\d{4})`),
		func(m []string, style Style) (int, int, int) {
			return commonEra(m[3]), monthNumber(m[2], style.Language), number(m[1])
		},
	},
	{ // 2023. augusztus 15.; 2023 m. rugpjūčio 15 d.
		pattern.MustCompile(`(\d{4})\s*(?:[.,]|m\.)?\s+` + monthWord + `\s+(\d{1,2})\.?`),
		func(m []string, style Style) (int, int, int) {
			return number(m[1]), monthNumber(m[2], style.Language), number(m[3])
		},
	},
	{ // 2023. gada 15. augusts; 2023 жылғы 15 тамыз
		pattern.MustCompile(`(\d{4})\.?[-\s]*(?:gada|ж\.|жылғы|жылдын|йил)\s+` + dayNumber + `\s*` + monthWord),
		func(m []string, style Style) (int, int, int) {
			return number(m[1]), monthNumber(m[3], style.Language), number(m[2])
		},
	},
	{ // 15/11/2024, 15.11.2024, 15. 11. 2024, 11/15/2024; ambiguous, so firstDate expects it to be the last form
		pattern.MustCompile(`(\d{1,2})(?:[-/]|\.\s?)(\d{1,2})(?:[-/]|\.\s?)(\d{4})`),
		func(m []string, style Style) (int, int, int) {
			first, second := number(m[1]), number(m[2])
			if second > 12 || !style.DayFirst && first <= 12 && strings.Contains(m[0], "/") {
				first, second = second, first
			}
			return commonEra(m[3]), second, first
		},
	},
}

// eras maps the names of eras to the year before their first year.
var eras = map[string]int{"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}

// thaiOffset is the number of years by which Thai dates are ahead of the common era.
const thaiOffset = 543

// commonEra returns a year of the common era. Years after 2442 are taken for Thai ones.
func commonEra(digits string) int {
	if year := number(digits); year >= 1900+thaiOffset {
		return year - thaiOffset
	}
	return number(digits)
}

// hanOrDigits returns the number that s writes in digits or in Chinese, such as 112, 一一二 or
// 十五. For 元, the first year of an era, it returns 1.
func hanOrDigits(s string) int {
	if n := number(s); n > 0 {
		return n
	}
	return hanNumber(strings.ReplaceAll(s, "元", "一"))
}

// yearless are the ways of writing a date in a dateline: 4月6日, Nov. 14, 14 nov.
var yearless = []struct {
	re   *pattern.Expr
	read func(m []string) (month, day int)
}{
	{pattern.MustCompile(`(\d{1,2})[月월]\s?(\d{1,2})[日일]`), func(m []string) (int, int) { return number(m[1]), number(m[2]) }},
	{pattern.MustCompile(monthWord + `\s*` + dayNumber + `\b`), func(m []string) (int, int) { return monthNumber(m[1], ""), number(m[2]) }},
	{pattern.MustCompile(`\b` + dayNumber + `\s*(?:de )?` + monthWord), func(m []string) (int, int) { return monthNumber(m[2], ""), number(m[1]) }},
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
