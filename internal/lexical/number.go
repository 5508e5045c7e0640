package lexical

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	digitsRE  = regexp.MustCompile(`^[0-9]+(?:[.,'][0-9]+)*`)
	ordinalRE = regexp.MustCompile(`^([0-9]+)(?:st|nd|rd|th|er|o)?$`)
	// numberRE takes a mark before exactly three digits as a thousands separator in any
	// language: 1,000, 1.000 and 1'000 are 1000, and 12,34,567, an Indian form, is 1234567.
	// A different mark after that begins the decimals. A decimal with exactly three digits
	// is rare, and is misread.
	numberRE = regexp.MustCompile(`^([1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+|(?:'[0-9]{3})+)|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)(?:[.,]([0-9]+))?$`)
	// versionRE matches versions such as "v2.1". A version of three or more numbers is
	// recognised without the v.
	versionRE = regexp.MustCompile(`^v([0-9]+(?:\.[0-9]+)+)`)
	percentRE = regexp.MustCompile(`^(?:` + strings.Join(percentForms(), "|") + `)`)
	// percentInitials are the first letters of percentRE.
	percentInitials = initialsOf(percentForms())
	// percentBeforeRE matches a sign or word for percent before a number. A sign after another
	// number belongs to that one.
	percentBeforeRE = regexp.MustCompile(`(?:(?:^|[^0-9 ]) *(%)|(?:^|[^\pL\pM]|\p{Thai})(` + strings.Join(percentsBefore, "|") + `)) ?$`)
	percentsBefore  = strings.Fields(fold(percentBeforeLines).text)
	// percentFinals are the last letters of percentBeforeRE.
	percentFinals = finalsOf(append(percentsBefore, "%"))
	marks         = strings.NewReplacer(".", "", ",", "", "'", "", " ", "")
)

// addDigits adds the number or numbers that begin with the digit at offset at, and
// returns where they end. start is the start of the term, which may be a "v".
func (s *scanner) addDigits(start, at int) (end int) {
	if at == start {
		if number, end := s.spacedNumber(at); end > 0 {
			return s.addQuantity(number, at, end)
		}
	}
	digits := s.digits(at)
	end = at + len(digits)
	if n := numberRE.FindStringSubmatch(digits); n != nil {
		return s.addQuantity(joinDecimals(n[1], n[2]), start, end)
	}
	version := strings.Count(digits, ".") > 1 && !strings.ContainsAny(digits, ",'") // as in 2.1.3
	if version {
		s.add(digits, start, end)
	}
	s.addNumbers(at, end, version && !slices.ContainsFunc(strings.Split(digits, "."), isYear)) // as in "1,2,3" and "13.9.2016"
	return end
}

// digits returns the digits and marks of the number or numbers at offset at. A mark beside
// a Chinese numeral belongs to the sentence: 二十，三十.
func (s *scanner) digits(at int) string {
	digits := digitsRE.FindString(s.text[at:])
	for i := at + 1; i < at+len(digits)-1; i++ {
		if !isDigit(rune(s.text[i])) && s.source[i] != s.source[i-1] && (!s.isWrittenDigit(i-1) || !s.isWrittenDigit(i+1)) {
			return s.text[at:i]
		}
	}
	return digits
}

// isWrittenDigit reports whether the digit at an offset is also a digit in the original
// text.
func (s *scanner) isWrittenDigit(at int) bool {
	r, _ := utf8.DecodeRuneInString(s.original[s.source[at].start:])
	return !unicode.Is(unicode.Han, r)
}

// addQuantity adds a number with what follows it: a sign for ten thousand or more, or for
// percent. It returns where the number ends.
func (s *scanner) addQuantity(number string, start, end int) int {
	s.addNumber(number, start, end)
	s.addPercent(number, start, end)
	s.addMagnitude(number, start, end)
	return s.addMyriads(number, start, end)
}

// myriads are the signs that multiply the digits before them, in Chinese, Japanese and
// Korean, with the number of zeros that each stands for.
var myriads = []struct {
	sign  string
	zeros int
}{{"万亿", 12}, {"万", 4}, {"亿", 8}, {"兆", 12}, {"만", 4}, {"억", 8}, {"조", 12}}

// mixedRE matches what may follow the 万 in "1万2千500" or the 亿 in "3亿2000万". Fewer than
// three digits without a sign may be another number.
var mixedRE = regexp.MustCompile(`^(?:([0-9]{1,4})(万))?(?:([0-9])(千))?(?:([0-9])(百))?([0-9],[0-9]{3}|[0-9]{3,4})?`)

// koreanMixedRE does the same for Korean, which puts spaces between the parts: "1만 8500".
var koreanMixedRE = regexp.MustCompile(`^(?: ?([0-9]{1,4})(만))?(?: ?([0-9])(천))?(?: ?([0-9])(백))?(?: ?([0-9],[0-9]{3}|[0-9]{3,4}))?`)

// addMyriads adds the product of a number and the 万 or 亿 after it, 18500 for "1.85万",
// and returns where it ends. Digits and signs that follow directly, as in "1万2千", are included.
func (s *scanner) addMyriads(number string, start, end int) int {
	for _, m := range myriads {
		if strings.HasPrefix(s.text[end:], m.sign) {
			end += len(m.sign)
			rest := mixedRE.FindStringSubmatch(s.text[end:])
			if first, _ := utf8.DecodeRuneInString(m.sign); unicode.Is(unicode.Hangul, first) {
				rest = koreanMixedRE.FindStringSubmatch(s.text[end:])
			}
			if whole, err := strconv.ParseInt(number+strings.Repeat("0", m.zeros), 10, 64); err == nil && rest[0] != "" {
				s.terms[len(s.terms)-1].Part = true
				end += len(rest[0])
				s.addNumber(strconv.FormatInt(whole+mixedValue(rest), 10), start, end)
				return end
			}
			s.addMultiple(number, m.zeros, start, end)
			return end
		}
	}
	return end
}

// mixedValue returns the value of a match of mixedRE.
func mixedValue(match []string) (value int64) {
	for group, unit := range map[int]int64{1: 1e4, 3: 1e3, 5: 100, 7: 1} {
		if n, err := strconv.ParseInt(marks.Replace(match[group]), 10, 64); err == nil {
			value += n * unit
		}
	}
	return value
}

// magnitude is a word such as "million". english reports whether it has that number of
// zeros only in English, as "billion" has.
type magnitude struct {
	zeros   int
	english bool
}

// magnitudes are the words for thousands and more.
var magnitudes = func() map[string]magnitude {
	words := map[string]magnitude{}
	for _, fields := range linesOf(magnitudeLines) {
		zeros, _ := strconv.Atoi(fields[1])
		words[fields[0]] = magnitude{zeros, len(fields) > 2}
	}
	return words
}()

// addMagnitude adds the product of a number and the word after it, 2500000 for "2.5
// million". The word is also a term of its own.
func (s *scanner) addMagnitude(number string, start, end int) {
	if !strings.HasPrefix(s.text[end:], " ") {
		return
	}
	after := runEnd(s.text, end+1, isSpelt)
	if m := magnitudes[s.text[end+1:after]]; m.zeros > 0 && (!m.english || s.english) {
		s.addMultiple(number, m.zeros, start, after)
	}
}

// addMultiple adds the term of a number with zeros appended. The term that was added last
// becomes a part of it.
func (s *scanner) addMultiple(number string, zeros, start, end int) {
	s.terms[len(s.terms)-1].Part = true
	whole, decimals, _ := strings.Cut(number, ".")
	if len(decimals) > zeros {
		decimals, zeros = decimals[:zeros]+"."+decimals[zeros:], len(decimals)
	}
	s.addNumber(whole+decimals+strings.Repeat("0", zeros-min(zeros, len(decimals))), start, end)
}

// addPercent adds "12.5%" for a number that ends at end, before a percent sign or a word
// for one.
func (s *scanner) addPercent(number string, start, end int) {
	numberEnd := end
	end += len(s.text[end:]) - len(strings.TrimLeft(s.text[end:], " \n\t"))
	first, _ := utf8.DecodeRuneInString(s.text[end:])
	sign := ""
	if percentInitials[first] {
		sign = percentRE.FindString(s.text[end:])
	}
	if sign == "" {
		s.addPercentBefore(number, start, numberEnd)
		return
	}
	end += len(sign)
	if next, _ := utf8.DecodeRuneInString(s.text[end:]); sign[len(sign)-1] == '%' || !isSpelt(next) {
		s.add(trimZeros(number)+"%", start, end)
	}
}

// longestPercent bounds the length in bytes of what percentBeforeRE matches.
const longestPercent = 32

// addPercentBefore adds "12.5%" for the number in [start, end), which follows a percent sign or a
// word for one.
func (s *scanner) addPercentBefore(number string, start, end int) {
	from := max(0, start-longestPercent)
	before := s.text[from:start]
	if last, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(before, " ")); !percentFinals[last] {
		return
	}
	if m := percentBeforeRE.FindStringSubmatchIndex(before); m != nil {
		s.add(trimZeros(number)+"%", from+max(m[2], m[4]), end)
	}
}

// isYear reports whether a number may be the year of a date.
func isYear(digits string) bool { return len(digits) == yearDigits }

// addNumbers adds each number in [start, end). A single mark separates two numbers.
func (s *scanner) addNumbers(start, end int, parts bool) {
	for at := start; at < end; at++ {
		next := runEnd(s.text, at, isDigit)
		s.addNumber(s.text[at:next], at, next)
		s.terms[len(s.terms)-1].Part = parts
		at = next
	}
}

// joinDecimals returns a number without thousands separators.
func joinDecimals(whole, decimals string) string {
	if decimals == "" {
		return marks.Replace(whole)
	}
	return marks.Replace(whole) + "." + decimals
}

// addNumber adds a number without its leading zeros.
func (s *scanner) addNumber(digits string, start, end int) {
	if len(digits) == yearDigits && end-start == yearDigits {
		s.years = append(s.years, start)
	}
	s.add(trimZeros(digits), start, end)
}

// trimZeros returns a number without its leading zeros.
func trimZeros(digits string) string {
	trimmed := strings.TrimLeft(digits, "0")
	if trimmed == "" || trimmed[0] == '.' {
		return "0" + trimmed
	}
	return trimmed
}
