package lexical

import (
	"regexp"
	"strings"
)

var (
	spacedRE = regexp.MustCompile(`^[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?`)
	// spacedDecimalsRE matches decimals in groups of three, as in 3.141 592.
	spacedDecimalsRE = regexp.MustCompile(`^[0-9]{1,3}[.,][0-9]{3}(?: [0-9]{3})+`)
	decimalRE        = regexp.MustCompile(`^(.*)[.,](.*)$`)
	// beforeDigitsRE captures the number and the word before a number.
	beforeDigitsRE = regexp.MustCompile(`(?:(\+?[0-9]+)|(\pL+)\.?) $`)
	yearRE         = regexp.MustCompile(`^(?:1[0-9]|20)[0-9]{2}$`)
)

// longestBefore is how many bytes before a number are searched for the previous word or
// number.
const longestBefore = 40

// spacedNumber reads the number that begins at start if spaces group its digits, as in "18
// 500" and "3.141 592", and returns where it ends. end is 0 if none begins there. The first
// group has one to three digits, and each other group exactly three.
//
// Ordinary spaces may also separate different numbers. They do if another number, except
// for a year or a country code ("+51"), is next to the digits, as in telephone numbers;
// after a month ("May 5 300 men"); and after a word that lists numbers ("pages 10 200").
func (s *scanner) spacedNumber(start int) (number string, end int) {
	group := runEnd(s.text, start, isDigit)
	if group+1 >= len(s.text) || !strings.ContainsRune(" .,", rune(s.text[group])) || !isDigit(rune(s.text[group+1])) {
		return "", 0 // most numbers end here
	}
	digits := spacedRE.FindString(s.text[start:])
	if digits == "" {
		digits = spacedDecimalsRE.FindString(s.text[start:])
	}
	first := strings.IndexByte(digits, ' ')
	if first < 0 {
		return "", 0
	}
	if ordinary := s.isOrdinary(start + first); ordinary {
		rest := strings.TrimPrefix(s.text[start+len(digits):], " ")
		if rest != "" && isDigit(rune(rest[0])) || s.listsNumbers(start) {
			return "", 0
		}
	} else { // no-break spaces group the digits of this number, so an ordinary space ends it
		for at := first; at < len(digits); at++ {
			if digits[at] == ' ' && s.isOrdinary(start+at) {
				digits = digits[:at]
			}
		}
	}
	end = start + len(digits)
	if m := decimalRE.FindStringSubmatch(digits); m != nil {
		return joinDecimals(m[1], strings.ReplaceAll(m[2], " ", "")), end
	}
	return marks.Replace(digits), end
}

// isOrdinary reports whether the space at an offset is an ordinary one in the original
// text, not a no-break space.
func (s *scanner) isOrdinary(at int) bool { return s.original[s.source[at].start] == ' ' }

// listsNumbers reports whether the text before the digits at start says that the spaces
// after them separate numbers: a "+", another number, a month or a word such as "pages".
func (s *scanner) listsNumbers(start int) bool {
	if start > 0 && s.text[start-1] == '+' {
		return true
	}
	m := beforeDigitsRE.FindStringSubmatch(s.text[max(0, start-longestBefore):start])
	switch {
	case m == nil:
		return false
	case m[1] != "":
		return m[1][0] != '+' && !yearRE.MatchString(m[1])
	}
	_, month := months[m[2]]
	return month || numberListWords[m[2]]
}
