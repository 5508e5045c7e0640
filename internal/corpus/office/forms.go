package office

import (
	"strconv"
	"strings"
)

// FormatNumber writes n in a form that DOCX names, such as "lowerRoman". Unknown forms are
// decimal, and so are numbers that a form does not have.
func FormatNumber(n int, form string) string {
	switch form {
	case "bullet", "none":
		return ""
	case "lowerLetter":
		return strings.ToLower(letters(n))
	case "upperLetter":
		return letters(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital":
		return chinese(n)
	case "ordinal":
		return strconv.Itoa(n) + ordinalEnd(n)
	case "numberInDash":
		return "- " + strconv.Itoa(n) + " -"
	}
	if row := []rune(alphabets[form]); n >= 1 && n <= len(row) {
		return string(row[n-1])
	}
	if words := strings.Fields(words[form]); n >= 1 && n <= len(words) {
		return words[n-1]
	}
	if zero := zeros[form]; zero != 0 {
		return strings.Map(func(r rune) rune { return r - '0' + zero }, strconv.Itoa(n))
	}
	return strconv.Itoa(n)
}

// alphabets has the numbers of forms that count by letters, from 1.
var alphabets = map[string]string{
	"russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя", "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
	"hebrew1": "אבגדהוזחטי", "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
	"arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي", "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
	"aiueo": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン", "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
	"iroha":  "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
	"ganada": "가나다라마바사아자차카타파하", "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ", "koreanDigital": "일이삼사오육칠팔구", "koreanCounting": "일이삼사오육칠팔구십",
	"ideographTraditional": "甲乙丙丁戊己庚辛壬癸", "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
	"chineseLegalSimplified": "壹贰叁肆伍陆柒捌玖拾", "ideographLegalTraditional": "壹貳參肆伍陸柒捌玖拾", "japaneseLegal": "壱弐参四伍六七八九拾",
	"thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
}

// words lists, for the forms that write numbers as English words, the words from 1 on.
var words = map[string]string{
	"cardinalText": "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen Eighteen Nineteen Twenty",
	"ordinalText":  "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth Fifteenth Sixteenth Seventeenth Eighteenth Nineteenth Twentieth",
}

// zeros has the zeros of forms with digits of other scripts.
var zeros = map[string]rune{"decimalFullWidth": '０', "decimalFullWidth2": '０', "thaiNumbers": '๐', "hindiNumbers": '०'}

// ordinalEnd returns the end of an English ordinal number: "st" for 1, "th" for 11.
func ordinalEnd(n int) string {
	if ends := []string{"th", "st", "nd", "rd"}; n%10 < len(ends) && n/10%10 != 1 {
		return ends[n%10]
	}
	return "th"
}

// letters returns A to Z, then AA, BB as word processors do.
func letters(n int) string {
	if n < 1 || n > 26*20 {
		return strconv.Itoa(n)
	}
	return strings.Repeat(string(rune('A'+(n-1)%26)), (n-1)/26+1)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var out strings.Builder
	values := []int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	signs := []string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
	for i, value := range values {
		for ; n >= value; n -= value {
			out.WriteString(signs[i])
		}
	}
	return out.String()
}

// chinese writes a number up to 9999 in Chinese characters.
func chinese(n int) string {
	if n < 1 || n > 9999 {
		return strconv.Itoa(n)
	}
	digits, units := []rune("〇一二三四五六七八九"), []string{"", "十", "百", "千"}
	out, gap := "", false
	for unit := 3; unit >= 0; unit-- {
		power := []int{1, 10, 100, 1000}[unit]
		digit := n / power
		n %= power
		if digit == 0 {
			gap = out != ""
			continue
		}
		if gap {
			out, gap = out+"零", false
		}
		if digit == 1 && unit == 1 && out == "" {
			out += units[unit]
			continue
		}
		out += string(digits[digit]) + units[unit]
	}
	return out
}
