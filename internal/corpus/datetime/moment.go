// Package datetime finds dates and times of day in text, in the languages that
// Accord reads.
package datetime

import (
	"strconv"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

// Moment is a date found in a text, with the time of day if the text has it.
type Moment struct {
	// At is the date and time of day as written. Its location is UTC, whatever Zone is.
	At        time.Time
	Precision document.Precision
	Zone      *time.Location // as written, or nil
	Ambiguous bool           // written like 3/4/2024, which may be in March or April
	Start     int            // byte range of date, time and zone
	End       int
}

var compactRE = pattern.MustCompile(`^\s*((?:19|20)\d{2})(\d{2})(\d{2})\s*$`)

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// Find returns the full dates in folded text, in order, each with the time of day and the
// zone next to it.
func Find(text string, style Style) []Moment {
	if !hasYear(text) {
		return nil // most texts have none, and matching the forms is slow
	}
	var found []Moment
	for from := 0; from < len(text); {
		m, ok := firstDate(text, from, style)
		if !ok {
			break
		}
		m = withClock(text, from, withWords(text, from, m))
		found = append(found, m)
		from = m.End
	}
	return found
}

var (
	wordBeforeRE = patterns.Regexp("word before a date")
	wordAfterRE  = patterns.Regexp("word after a date")
)

// withWords adds to the range of m the words that belong to a date in some languages, such
// as "ngày" before it and "roku" behind it.
func withWords(text string, from int, m Moment) Moment {
	const longest = 96 // in bytes, of what stands before a date
	start := max(from, m.Start-longest)
	if at := wordBeforeRE.FindStringSubmatchIndex(text[start:m.Start]); at != nil {
		m.Start = start + at[2]
	}
	if at := wordAfterRE.FindStringSubmatchIndex(text[m.End:]); at != nil {
		m.End += at[3]
	}
	return m
}

// hasYear reports whether text has digits that may be the year of a valid date, or a Han
// year. A day may precede the year without a space, so up to six digits may end with a
// year.
func hasYear(text string) bool {
	const maxDigits, firstYear, lastYear = 6, 1900, 2199 + thaiOffset
	digits := 0
	for i := 0; i <= len(text); i++ {
		if digitAt(text, i) {
			digits++
			continue
		}
		if digits >= 4 && digits <= maxDigits {
			if year := number(text[i-4 : i]); year >= firstYear && year <= lastYear {
				return true
			}
		}
		digits = 0
	}
	return strings.Contains(text, "年")
}

// firstDate returns the first date of any form in text from an offset on.
func firstDate(text string, from int, style Style) (Moment, bool) {
	var best Moment
	found := false
	for i, form := range dateForms {
		m, ok := form.first(text, from, style)
		if !ok || found && m.Start >= best.Start {
			continue
		}
		best, found = m, true
		// All countries that write dates with points put the day first.
		best.Ambiguous = i == len(dateForms)-1 && m.At.Day() <= 12 && m.At.Day() != int(m.At.Month()) && !strings.Contains(text[m.Start:m.End], ".")
	}
	return best, found
}

// first returns the first valid date of the form. It looks at four matches at most.
func (f dateForm) first(text string, from int, style Style) (Moment, bool) {
	for _, at := range f.re.FindAllStringSubmatchIndex(text[from:], 4) {
		date, valid := ValidDate(f.read(groups(text[from:], at), style))
		start, end := from+at[0], from+at[1]
		if valid && !digitAt(text, start-1) && (!digitAt(text, end-1) || !digitAt(text, end)) {
			return Moment{At: date, Precision: document.PrecisionDate, Start: start, End: end}, true
		}
	}
	return Moment{}, false
}

// groups returns the texts of the groups of a match.
func groups(text string, at []int) []string {
	out := make([]string, len(at)/2)
	for i := range out {
		if at[2*i] >= 0 {
			out[i] = text[at[2*i]:at[2*i+1]]
		}
	}
	return out
}

// digitAt reports whether byte i of text is a digit.
func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

// ValidDate returns midnight UTC of a day, and whether it is a valid day between 1900 and
// 2199.
func ValidDate(year, month, day int) (time.Time, bool) {
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return date, year >= 1900 && year < 2200 && month >= 1 && month <= 12 && date.Day() == day
}

// IsDate reports whether value is only a date.
func IsDate(value string) bool {
	value = prose.Fold(value)
	moments := Find(value, Style{DayFirst: true})
	return len(moments) == 1 && strings.TrimSpace(value[:moments[0].Start]+value[moments[0].End:]) == ""
}

// RefinedBy reports whether other is on the day of m and more precise.
func (m Moment) RefinedBy(other Moment) bool {
	return other.Precision > m.Precision && other.At.Truncate(24*time.Hour).Equal(m.At)
}

// Exchanged returns m with its day and month exchanged. ok is false if m is not ambiguous.
func (m Moment) Exchanged() (other Moment, ok bool) {
	date, ok := ValidDate(m.At.Year(), m.At.Day(), int(m.At.Month()))
	if !m.Ambiguous || !ok {
		return m, false
	}
	m.At = date.Add(m.At.Sub(m.At.Truncate(24 * time.Hour)))
	return m, true
}

// SameDay reports whether m and other are on the same day as written.
func (m Moment) SameDay(other Moment) bool {
	return m.At.Truncate(24 * time.Hour).Equal(other.At.Truncate(24 * time.Hour))
}

// FindInField returns the dates in the value of a header line.
func FindInField(value string) []Moment { return FindInFieldOf(value, Style{DayFirst: true}) }

// FindInFieldOf returns the dates in a field of a text that writes dates in a style.
func FindInFieldOf(value string, style Style) []Moment {
	value = prose.Fold(value)
	if m := compactRE.FindStringSubmatch(value); m != nil {
		if date, ok := ValidDate(number(m[1]), number(m[2]), number(m[3])); ok {
			return []Moment{{At: date, Precision: document.PrecisionDate}}
		}
	}
	return Find(value, style)
}

// Style is how a text writes dates, which depends on its language.
type Style struct {
	DayFirst bool   // 3/4/2024 is in April
	Language string // BCP-47 tag, for names that are different months in two languages; "" if unknown
}

// slashedRE matches a slash between digits, as in 3/4/2024.
var slashedRE = pattern.MustCompile(`[0-9０-９][/／][0-9０-９]`)

// StyleOf returns the style of the dates in text. The day comes first in all languages but
// English. If text has no date that depends on its language, the language is not detected.
func StyleOf(text string) Style {
	if !slashedRE.MatchString(text) && !sharedMonthRE().MatchString(text) {
		return Style{DayFirst: true}
	}
	tag := language.DetectDocument(text)
	return Style{tag != "en", tag}
}
