package lexical

import (
	"strconv"
	"strings"
)

const (
	hanDigits = "〇一二三四五六七八九"
	// hanCounted are the units counted in dates and articles. A single numeral is
	// read only before one of them or after 第; elsewhere 三 may be part of a word.
	hanCounted = "年月日号条章款项"
	listMarks  = "、.)"
)

var (
	hanUnits = map[rune]int{'十': 10, '百': 100, '千': 1000}
	// hanMyriads multiply the number before them, back to the next larger unit.
	hanMyriads = map[rune]int{'万': 1e4, '亿': 1e8}
)

// hanNumber reads the Chinese numeral that begins at runes[i] ("二十一", "一百零三",
// "二〇一六"). It returns its size in runes and its decimal digits. The size is 0 if no
// numeral begins there.
func hanNumber(runes []rune, i int) (size int, digits string) {
	if !isHanNumeral(runes[i]) {
		return 0, ""
	}
	before, after := ' ', ' '
	if i > 0 {
		before = runes[i-1]
	}
	if isHanNumeral(before) || isDigit(before) {
		return 0, ""
	}
	end := i
	for end < len(runes) && isHanNumeral(runes[end]) {
		end++
	}
	if end < len(runes) {
		after = runes[end]
	}
	switch {
	case isDigit(after):
		return 0, ""
	case end-i == 1 && before != '第' && !strings.ContainsRune(hanCounted, after) && !numbersText(runes, i, after):
		return 0, ""
	}
	digits = hanValue(runes[i:end])
	if digits == "" {
		return 0, ""
	}
	return end - i, digits
}

// numbersText reports whether the numeral at runes[i], followed by after, numbers the
// whole text, as "三、" and "（三）" do.
func numbersText(runes []rune, i int, after rune) bool {
	return (i == 0 || i == 1 && runes[0] == '(') && strings.ContainsRune(listMarks, after)
}

// hanValue returns the decimal digits of a numeral written with units or digit by
// digit, and "" if it is neither.
func hanValue(numeral []rune) string {
	if isMyriad(numeral[0]) {
		return ""
	}
	var digits strings.Builder
	total, section, digit, units, myriad := 0, 0, 0, false, 0
	for _, r := range numeral {
		if larger := hanMyriads[r]; larger > 0 {
			switch {
			case digit > 9 || larger == myriad:
				return ""
			case larger > myriad && myriad > 0: // 三万亿
				total = (total + section + digit) * larger
			default:
				total += (section + digit) * larger
			}
			section, digit, units, myriad = 0, 0, true, larger
			continue
		}
		if unit := hanUnits[r]; unit > 0 {
			if digit > 9 {
				return ""
			}
			section += max(digit, 1) * unit
			digit, units = 0, true
			continue
		}
		value := strings.IndexRune(hanDigits, r) / len("〇")
		if r == '零' {
			value = 0
		}
		digits.WriteByte(byte('0' + value))
		digit = min(digit*10+value, 10)
	}
	switch {
	case !units:
		return digits.String()
	case digit > 9:
		return ""
	}
	return strconv.Itoa(total + section + digit)
}

func isMyriad(r rune) bool { return hanMyriads[r] > 0 }

func isHanNumeral(r rune) bool {
	return r >= '〇' && (r == '零' || hanUnits[r] > 0 || isMyriad(r) || strings.ContainsRune(hanDigits, r))
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
