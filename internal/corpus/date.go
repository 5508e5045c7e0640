package corpus

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// moment is a date, perhaps with a time of day, found in a text.
type moment struct {
	// at is the wall clock as written, in UTC; its year is 0 where none is given.
	at        time.Time
	precision document.Precision
	zone      *time.Location // as written, nil where none is
	ambiguous bool           // 3/4/2024: may be the other way round
	start     int            // the bytes that date, time and zone take
	end       int
}

const (
	monthWord = `([\p{L}\p{M}]{3,10})\.?`
	dayNumber = `(\d{1,2})(?:st|nd|rd|th|er|[ºª.])?`
)

var (
	yearRE    = regexp.MustCompile(`\d{4}|年`)
	compactRE = regexp.MustCompile(`^\s*((?:19|20)\d{2})(\d{2})(\d{2})\s*$`)
)

// The numbered groups of each are read by the function beside it.
var dateForms = []struct {
	re   *regexp.Regexp
	read func(m []string, dayFirst bool) (year, month, day int)
}{
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
	{ // 15/11/2024, 15.11.2024, 11/15/2024; the last form, the only ambiguous one
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

// yearless are dates as datelines give them: 4月6日, Nov. 14, 14 nov.
var yearless = []struct {
	re   *regexp.Regexp
	read func(m []string) (month, day int)
}{
	{regexp.MustCompile(`(\d{1,2})月(\d{1,2})日`), func(m []string) (int, int) { return number(m[1]), number(m[2]) }},
	{regexp.MustCompile(monthWord + `\s*` + dayNumber + `\b`), func(m []string) (int, int) { return monthNumber(m[1]), number(m[2]) }},
	{regexp.MustCompile(`\b` + dayNumber + `\s*(?:de )?` + monthWord), func(m []string) (int, int) { return monthNumber(m[2]), number(m[1]) }},
}

// months holds the names in English, Spanish, French, German, Portuguese,
// Italian, Russian and Arabic, and their abbreviations.
var months = func() map[string]int {
	names := map[string]int{}
	for i, row := range []string{
		"january jan enero ene janvier janv januar jänner janeiro gennaio gen января янв يناير",
		"february feb febrero febr février févr fév februar fevereiro fev febbraio февраля фев فبراير",
		"march mar marzo mars märz março марта мар مارس",
		"april apr abril abr avril avr aprile апреля апр أبريل ابريل",
		"may mayo mai maio maggio mag мая مايو",
		"june jun junio juin juni junho giugno giu июня июн يونيو",
		"july jul julio juillet juil juli julho luglio lug июля июл يوليو",
		"august aug agosto ago août aoû августа авг أغسطس",
		"september sept sep septiembre setiembre septembre setembro settembre set сентября сен سبتمبر",
		"october oct octubre octobre oktober okt outubro out ottobre ott октября окт أكتوبر",
		"november nov noviembre novembre novembro ноября ноя нояб نوفمبر",
		"december dec diciembre dic décembre déc dezember dez dezembro dicembre декабря дек ديسمبر",
	} {
		for name := range strings.FieldsSeq(row) {
			names[name] = i + 1
		}
	}
	return names
}()

func monthNumber(name string) int { return months[strings.ToLower(name)] }

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// hanNumber reads 二〇一六, 九, 十三 and 三十一.
func hanNumber(s string) int {
	n := 0
	for _, r := range strings.NewReplacer("○", "〇", "零", "〇").Replace(s) {
		digit := strings.IndexRune("〇一二三四五六七八九", r) / len("〇")
		switch {
		case r != '十':
			n = n*10 + digit
		case n == 0:
			n = 1
		}
		if r == '十' && strings.HasSuffix(s, "十") {
			n *= 10
		}
	}
	return n
}

// fold returns s with full-width and Arabic digits, letters and marks as ASCII, for
// reading numbers: offsets in it are not offsets in s.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r == '　', r == ' ':
			return ' '
		}
		return r
	}, s)
}

// findMoments returns the full dates in folded text, in order, each with the
// time of day and zone next to it. dayFirst settles 3/4/2024.
func findMoments(text string, dayFirst bool) []moment {
	if !yearRE.MatchString(text) {
		return nil // as most texts; the forms are slow
	}
	var found []moment
	for from := 0; from < len(text); {
		m, ok := firstDate(text, from, dayFirst)
		if !ok {
			break
		}
		m = withClock(text, from, m)
		found = append(found, m)
		from = m.end
	}
	return found
}

func firstDate(text string, from int, dayFirst bool) (moment, bool) {
	var best moment
	ok := false
	for i, form := range dateForms {
		for _, at := range form.re.FindAllStringSubmatchIndex(text[from:], 4) {
			year, month, day := form.read(groups(text[from:], at), dayFirst)
			date, valid := dateOf(year, month, day)
			start, end := from+at[0], from+at[1]
			if !valid || digitAt(text, start-1) || digitAt(text, end-1) && digitAt(text, end) {
				continue
			}
			if !ok || start < best.start {
				best, ok = moment{at: date, precision: document.PrecisionDate, start: start, end: end}, true
				best.ambiguous = i == len(dateForms)-1 && date.Day() <= 12 && date.Day() != int(date.Month())
			}
			break
		}
	}
	return best, ok
}

func groups(text string, at []int) []string {
	out := make([]string, len(at)/2)
	for i := range out {
		if at[2*i] >= 0 {
			out[i] = text[at[2*i]:at[2*i+1]]
		}
	}
	return out
}

func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

// dateOf returns midnight UTC of a real day between 1900 and 2199.
func dateOf(year, month, day int) (time.Time, bool) {
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return date, year >= 1900 && year < 2200 && month >= 1 && month <= 12 && date.Day() == day
}

// findYearless returns the first month and day in a folded dateline.
func findYearless(text string) (month, day int, ok bool) {
	for _, form := range yearless {
		for _, at := range form.re.FindAllStringSubmatchIndex(text, 8) {
			month, day = form.read(groups(text, at))
			if _, ok = dateOf(2024, month, day); ok { // a leap year, for 29 February
				return month, day, true
			}
		}
	}
	return 0, 0, false
}
