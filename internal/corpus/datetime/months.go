package datetime

import (
	"strings"
)

// months maps the names of months, and their abbreviations, in English, Spanish, French,
// German, Portuguese, Italian, Russian and Arabic to numbers.
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
