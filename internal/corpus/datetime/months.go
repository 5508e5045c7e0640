package datetime

import (
	"bytes"
	"cmp"
	_ "embed" // for the tables of names
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

//go:embed months.txt
var monthTable []byte

//go:embed weekdays.txt
var weekdayTable []byte

// months maps the names of months in many languages, in small letters, to their numbers by
// language. "listopada" is October in Croatian and November in Polish.
var months = sync.OnceValue(func() map[string]map[string]int {
	names := map[string]map[string]int{}
	for _, row := range rows(monthTable) {
		month, _ := strconv.Atoi(row[1])
		for _, name := range row[2:] {
			if names[name] == nil {
				names[name] = map[string]int{}
			}
			names[name][row[0]] = month
		}
	}
	return names
})

// sharedMonthRE matches the names that are different months in two languages.
var sharedMonthRE = sync.OnceValue(func() *pattern.Expr {
	var shared []string
	for name, numbers := range months() {
		if onlyMonth(numbers) == 0 {
			shared = append(shared, name)
		}
	}
	slices.Sort(shared)
	return pattern.MustCompile(`(?i)(?:^|\P{L})(?:` + strings.Join(shared, "|") + `)(?:\P{L}|$)`)
})

// onlyMonth returns the number of the month that a name has in all languages, or 0.
func onlyMonth(numbers map[string]int) int {
	only := 0
	for _, month := range numbers {
		if only != 0 && month != only {
			return 0
		}
		only = month
	}
	return only
}

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

// monthNumber returns the number of the month called name, or 0 if there is none. If a name
// is different months in two languages, it is the one in the given language. Of two names
// with a slash between them, both must be the same month.
func monthNumber(name, language string) int {
	if first, second, both := strings.Cut(name, "/"); both {
		month := monthNumber(first, language)
		if monthNumber(second, language) != month {
			return 0
		}
		return month
	}
	name = strings.NewReplacer("i\u0307", "i", " ", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
	numbers, ok := months()[name]
	if !ok {
		numbers = months()[strings.TrimPrefix(name, "ב")] // "in", in Hebrew
	}
	return cmp.Or(onlyMonth(numbers), numbers[language])
}

// WithoutWeekdays returns text without the names of days of the week.
func WithoutWeekdays(text string) string {
	words := strings.Fields(text)
	kept := words[:0]
	for _, word := range words {
		if name := strings.ToLower(strings.Trim(word, ",،.;()|")); !weekdays()[name] {
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
