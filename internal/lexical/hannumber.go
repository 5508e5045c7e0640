package lexical

import (
	"slices"
	"strconv"
	"strings"
)

const (
	hanDigits = "〇一二三四五六七八九"
	// hanTwo is two before a unit. Alone it is part of many words: 两国, 两岸.
	hanTwo = '两'
	// hanPoint begins decimals, but also follows the hour of a time: 三点五分.
	hanPoint = '点'
	// hanCounted are the units that are counted in dates and articles. A single numeral is
	// read only before one of these units or after 第. Elsewhere it may be part of a word,
	// as 三 is.
	hanCounted = "年月日号条章款项"
	listMarks  = "、.)"
)

// hanPercent comes before the number of a percentage.
var hanPercent = []rune("百分之")

var (
	hanUnits = map[rune]int{'十': 10, '百': 100, '千': 1000}
	// hanMyriads multiply all numerals before them, as far back as a larger unit: in
	// 一亿二千万, the 万 multiplies 二千.
	hanMyriads = map[rune]int{'万': 1e4, '亿': 1e8}
)

// hanNumber reads the Chinese numeral or percentage that begins at runes[i] ("二十一",
// "一百零三", "二〇一六", "十二点五", "百分之五"). It returns its size in runes and how it
// is written with decimal digits. The size is 0 if no numeral begins there.
func hanNumber(runes []rune, i int) (size int, digits string) {
	if runes[i] == hanPercent[0] && len(runes)-i > len(hanPercent) && slices.Equal(runes[i:i+len(hanPercent)], hanPercent) {
		return hanPercentage(runes, i)
	}
	if !isHanNumeral(runes[i]) {
		return 0, ""
	}
	before := runeAt(runes, i-1)
	if isHanNumeral(before) || isDigit(before) {
		return 0, ""
	}
	end := numeralEnd(runes, i)
	after := runeAt(runes, end)
	if after == hanPoint {
		if size, digits := hanDecimal(runes, i, end); size > 0 && isDecimal(runes, i, end, i+size) {
			return size, digits
		}
	}
	if isDigit(after) || end-i == 1 && before != '第' && !strings.ContainsRune(hanCounted, after) && !numbersText(runes, i, after) {
		return 0, ""
	}
	if digits = hanValue(runes[i:end]); digits == "" {
		return 0, ""
	}
	return end - i, digits
}

// runeAt returns runes[i], or a space outside runes.
func runeAt(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return ' '
	}
	return runes[i]
}

// numeralEnd returns the end of the run of numerals that begins at runes[i].
func numeralEnd(runes []rune, i int) int {
	for i < len(runes) && isHanNumeral(runes[i]) {
		i++
	}
	return i
}

// hanDecimal reads the numeral in runes[i:point], and the decimals after the point. size
// is 0 if it is not a number.
func hanDecimal(runes []rune, i, point int) (size int, digits string) {
	end := point + 1
	var decimals strings.Builder
	for ; end < len(runes) && hanDigit(runes[end]) >= 0; end++ {
		decimals.WriteByte(byte('0' + hanDigit(runes[end])))
	}
	whole := hanValue(runes[i:point])
	if decimals.Len() == 0 || whole == "" || end < len(runes) && hanUnits[runes[end]] > 0 {
		return 0, ""
	}
	return end - i, whole + "." + decimals.String()
}

// isDecimal reports whether the numeral in runes[i:end], with a point at runes[point], is a
// decimal and not a time such as 三点五分 or 三点一刻. If both sides have a single numeral, it is a
// decimal only before a sign of a quantity.
func isDecimal(runes []rune, i, point, end int) bool {
	after := runeAt(runes, end)
	single := point-i == 1 && end-point == 2
	return isMyriad(after) || strings.ContainsRune("%倍", after) || !single && !strings.ContainsRune("分刻", after)
}

// hanPercentage reads 百分之 and the number after it, in numerals or digits.
func hanPercentage(runes []rune, i int) (size int, percentage string) {
	start := i + len(hanPercent)
	end := start
	for end < len(runes) && (isDigit(runes[end]) || runes[end] == '.' && end+1 < len(runes) && isDigit(runes[end+1])) {
		end++
	}
	digits := string(runes[start:end])
	if end == start {
		end = numeralEnd(runes, start)
		if end == start {
			return 0, ""
		}
		digits = hanValue(runes[start:end])
		if end < len(runes) && runes[end] == hanPoint {
			if size, decimal := hanDecimal(runes, start, end); size > 0 {
				end, digits = start+size, decimal
			}
		}
	}
	if digits == "" {
		return 0, ""
	}
	return end - i, digits + "%"
}

// numbersText reports whether the numeral at runes[i], which is followed by after, is the
// number of the whole text, as in "三、" and "（三）".
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
	for i, r := range numeral {
		if larger := hanMyriads[r]; larger > 0 {
			switch {
			case digit > 9 || larger == myriad:
				return ""
			case larger > myriad && myriad > 0: // as in 三万亿
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
		if r == hanTwo && len(numeral) > 1 && !isUnitAt(numeral, i+1) { // as in 两三 and 三两
			return ""
		}
		value := hanDigit(r)
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

// isUnitAt reports whether runes[i] is a unit such as 百 or 万.
func isUnitAt(runes []rune, i int) bool {
	return i < len(runes) && (hanUnits[runes[i]] > 0 && runes[i] != '十' || isMyriad(runes[i]))
}

func isMyriad(r rune) bool { return hanMyriads[r] > 0 }

// hanDigit returns the value of a numeral for a digit, or -1.
func hanDigit(r rune) int {
	switch r {
	case '零':
		return 0
	case hanTwo:
		return 2
	}
	if at := strings.IndexRune(hanDigits, r); at >= 0 {
		return at / len("〇")
	}
	return -1
}

func isHanNumeral(r rune) bool {
	return r >= '〇' && (hanUnits[r] > 0 || isMyriad(r) || hanDigit(r) >= 0)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
