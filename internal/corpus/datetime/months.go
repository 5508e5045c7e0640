package datetime

import (
	"bytes"
	_ "embed" // for the tables of names
	"maps"
	"strconv"
	"strings"
	"sync"
)

//go:embed months.txt
var monthTable []byte

//go:embed weekdays.txt
var weekdayTable []byte

// months maps the names of months in many languages, in small letters, to their
// numbers. Names that are different months in two languages, such as "listopada", October
// in Croatian and November in Polish, are left out.
var months = sync.OnceValue(func() map[string]int {
	const ambiguous = -1
	names := map[string]int{}
	for _, row := range rows(monthTable) {
		month, _ := strconv.Atoi(row[1])
		for _, name := range row[2:] {
			if known := names[name]; known != 0 && known != month {
				names[name] = ambiguous
			} else {
				names[name] = month
			}
		}
	}
	maps.DeleteFunc(names, func(_ string, month int) bool { return month == ambiguous })
	return names
})

// weekdays holds the names of the days of the week in many languages, in small
// letters.
var weekdays = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, row := range rows(weekdayTable) {
		for _, name := range row[1:] {
			names[name] = true
		}
	}
	return names
})

// rows returns the words of each line of a table, without comments.
func rows(table []byte) [][]string {
	var out [][]string
	for row := range bytes.Lines(table) {
		if words := strings.Fields(string(row)); len(words) > 0 && words[0] != "#" {
			out = append(out, words)
		}
	}
	return out
}

// monthNumber returns the number of the month called name, or 0 if there is none.
func monthNumber(name string) int {
	name = strings.ReplaceAll(strings.ToLower(name), "i\u0307", "i")
	if month := months()[name]; month > 0 {
		return month
	}
	return months()[strings.TrimPrefix(name, "ב")] // "in", in Hebrew
}

// WithoutWeekdays returns text without the names of days of the week.
func WithoutWeekdays(text string) string {
	words := strings.Fields(text)
	kept := words[:0]
	for _, word := range words {
		if name := strings.ToLower(strings.Trim(word, ",.;()|")); !weekdays()[name] {
			kept = append(kept, word)
		}
	}
	if len(kept) == len(words) {
		return text
	}
	return strings.Join(kept, " ")
}

// hanNumber returns the value of a Chinese number such as 二〇一六, 九, 十三 or 三十一.
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
