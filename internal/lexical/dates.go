package lexical

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// months maps the folded names and abbreviations of months to their numbers.
//
//nolint:misspell // not English
var months = readMonths([12]string{
	"january jan enero ene janvier janv januar janeiro gennaio января январь",
	"february feb febrero fevrier fevr februar fevereiro febbraio февраля февраль",
	"march mar marzo mars marz marco марта март",
	"april apr abril abr avril avr aprile апреля апрель",
	"may mayo mai maio maggio мая май",
	"june jun junio juin juni junho giugno июня июнь",
	"july jul julio juillet juil juli julho luglio июля июль",
	"august aug agosto ago aout августа август",
	"september sept sep septiembre setiembre septembre setembro settembre сентября сентябрь",
	"october oct octubre octobre oktober okt outubro ottobre октября октябрь",
	"november nov noviembre novembre novembro ноября ноябрь",
	"december dec diciembre dic decembre dezember dez dezembro dicembre декабря декабрь",
})

func readMonths(names [12]string) map[string]int {
	months := map[string]int{}
	for i, line := range names {
		for _, name := range strings.Fields(line) {
			months[name] = i + 1
		}
	}
	return months
}

// dateForm is a way of writing a date. year, month and day are the numbers of the groups in
// its expression; there may be no day. An expression that begins with the year is matched
// at the start of each four-digit number, and all others at the end of one. Ambiguous forms
// such as 9/13/2016 are not read, since the order of day and month would be a guess.
type dateForm struct {
	expression       *regexp.Regexp
	year, month, day int
}

const (
	monthName = `([a-zа-я]{3,10})`
	dayEnd    = `(?:st|nd|rd|th|er|[oa])?`
	of        = `(?:de |del |of )?`
	// dateBefore and dateAfter are the maximum number of bytes of a date before and after
	// its year. The longest are "30th of septiembre, del" in Cyrillic letters, and "2016 年
	// 9 月 13 日".
	dateBefore, dateAfter = 40, 20
)

var (
	yearFirst = []dateForm{
		{regexp.MustCompile(`^([0-9]{4}) ?[-/.] ?([0-9]{1,2}) ?[-/.] ?([0-9]{1,2})`), 1, 2, 3},
		{regexp.MustCompile(`^([0-9]{4}) ?年 ?([0-9]{1,2}) ?月(?: ?([0-9]{1,2}) ?[日号])?`), 1, 2, 3},
	}
	yearLast = []dateForm{
		{regexp.MustCompile(`([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})$`), 3, 2, 1},
		{regexp.MustCompile(monthName + `\.? ([0-9]{1,2})` + dayEnd + `,? ([0-9]{4})$`), 3, 1, 2},
		{regexp.MustCompile(`(?:([0-9]{1,2})` + dayEnd + `\.? ` + of + `)?` + monthName + `\.?,? ` + of + `([0-9]{4})$`), 3, 2, 1},
	}
)

// addDates adds for each date in a supported language its month ("2016-09"), and its day
// ("2016-09-13") if it has one.
func (s *scanner) addDates() {
	for _, year := range s.years {
		s.addDate(yearFirst, year, min(year+dateAfter, len(s.text)))
		s.addDate(yearLast, max(0, year-dateBefore), year+yearDigits)
	}
}

// addDate adds the first date in the folded bytes [start, end) that has one of the
// forms.
func (s *scanner) addDate(forms []dateForm, start, end int) {
	for _, form := range forms {
		m := form.expression.FindStringSubmatchIndex(s.text[start:end])
		if m == nil || s.splitsWord(start+m[0], start+m[1]) {
			continue
		}
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return s.text[start+m[2*n] : start+m[2*n+1]]
		}
		month := monthNumber(group(form.month))
		if month < 1 || month > 12 {
			continue
		}
		key := fmt.Sprintf("%s-%02d", group(form.year), month)
		s.add(key, start+m[0], start+m[1])
		if day, _ := strconv.Atoi(group(form.day)); day >= 1 && day <= 31 {
			s.add(fmt.Sprintf("%s-%02d", key, day), start+m[0], start+m[1])
		}
		return
	}
}

// monthNumber returns the number of a month written as a name or in digits, or 0 for
// any other word.
func monthNumber(month string) int {
	if number, ok := months[month]; ok {
		return number
	}
	number, _ := strconv.Atoi(month)
	return number
}

// splitsWord reports whether start or end lies inside a word or number.
func (s *scanner) splitsWord(start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(s.text[:start])
	first, _ := utf8.DecodeRuneInString(s.text[start:])
	last, _ := utf8.DecodeLastRuneInString(s.text[:end])
	after, _ := utf8.DecodeRuneInString(s.text[end:])
	return isSpelt(before) && isSpelt(first) || isSpelt(last) && isSpelt(after)
}
