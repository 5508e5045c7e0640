package lexical

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	digitsRE  = regexp.MustCompile(`^[0-9]+(?:[.,'][0-9]+)*`)
	ordinalRE = regexp.MustCompile(`^([0-9]+)(?:st|nd|rd|th|er|o)?$`)
	// numberRE takes a mark before exactly three digits as a thousands separator in
	// any language: 1,000, 1.000 and 1'000 are 1000. A decimal with three digits is
	// rare, and is misread.
	numberRE = regexp.MustCompile(`^([1-9][0-9]{0,2}(?:[.,'][0-9]{3})+|[0-9]+)(?:[.,]([0-9]+))?$`)
	spacedRE = regexp.MustCompile(`^[1-9][0-9]{0,2}(?: [0-9]{3})+`)
	// versionRE matches versions such as "v2.1". A version of three numbers needs no
	// v.
	versionRE = regexp.MustCompile(`^v([0-9]+(?:\.[0-9]+)+)`)
	marks     = strings.NewReplacer(".", "", ",", "", "'", "", " ", "")
)

// longestGroup is the most digits before the first space of a grouped number.
const longestGroup = 3

// addDigits adds the number or numbers that begin with the digit at offset at, and
// returns where they end. start is the start of the term, which may be a "v".
func (s *scanner) addDigits(start, at int) (end int) {
	if at == start {
		if end := s.addSpacedNumber(at); end > 0 {
			return end
		}
	}
	digits := digitsRE.FindString(s.text[at:])
	end = at + len(digits)
	if n := numberRE.FindStringSubmatch(digits); n != nil {
		number := joinDecimals(n[1], n[2])
		s.addNumber(number, start, end)
		return s.addMyriads(number, start, end)
	}
	version := strings.Count(digits, ".") > 1 && !strings.ContainsAny(digits, ",'") // 2.1.3
	if version {
		s.add(digits, start, end)
	}
	s.addNumbers(at, end, version && !slices.ContainsFunc(strings.Split(digits, "."), isYear)) // "1,2,3" and "13.9.2016"
	return end
}

// addMyriads adds the product of a number and the 万 or 亿 after it, 18500 for "1.85万",
// and returns where it ends.
func (s *scanner) addMyriads(number string, start, end int) int {
	sign, size := utf8.DecodeRuneInString(s.text[end:])
	if !isMyriad(sign) {
		return end
	}
	s.terms[len(s.terms)-1].Part = true
	whole, decimals, _ := strings.Cut(number, ".")
	zeros := len(strconv.Itoa(hanMyriads[sign])) - 1
	if len(decimals) > zeros {
		decimals, zeros = decimals[:zeros]+"."+decimals[zeros:], len(decimals)
	}
	s.addNumber(whole+decimals+strings.Repeat("0", zeros-min(zeros, len(decimals))), start, end+size)
	return end + size
}

// isYear reports whether a number may be the year of a date.
func isYear(digits string) bool { return len(digits) == yearDigits }

// addNumbers adds each number in a range in which single marks separate the numbers.
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

// addSpacedNumber adds a number whose thousands are separated by spaces, "18 500",
// and returns where it ends, or 0 if none begins at start. Ordinary spaces may also
// separate different numbers, so in that case the single numbers are added too.
func (s *scanner) addSpacedNumber(start int) (end int) {
	first := runEnd(s.text, start, isDigit)
	if first-start > longestGroup || first+1 >= len(s.text) || s.text[first] != ' ' || !isDigit(rune(s.text[first+1])) {
		return 0
	}
	digits := spacedRE.FindString(s.text[start:])
	end = start + len(digits)
	rest := strings.TrimPrefix(s.text[end:], " ")
	if digits == "" || rest != "" && isDigit(rune(rest[0])) {
		return 0
	}
	decimals := ""
	if n := len(s.text[end:]) > 1 && strings.ContainsRune(".,", rune(s.text[end])) && isDigit(rune(s.text[end+1])); n {
		next := runEnd(s.text, end+1, isDigit)
		decimals, end = s.text[end+1:next], next
	}
	s.addNumber(joinDecimals(digits, decimals), start, end)
	if s.original[s.source[first].start] != ' ' {
		return end
	}
	s.addNumbers(start, end, true)
	return end
}

// addNumber adds a number without its leading zeros.
func (s *scanner) addNumber(digits string, start, end int) {
	if len(digits) == yearDigits && end-start == yearDigits {
		s.years = append(s.years, start)
	}
	trimmed := strings.TrimLeft(digits, "0")
	if trimmed == "" || trimmed[0] == '.' {
		trimmed = "0" + trimmed
	}
	s.add(trimmed, start, end)
}
