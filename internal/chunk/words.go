package chunk

import (
	"cmp"
	_ "embed" // for the words
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed articles.txt
var articleTable string

// articleWords finds article numbers: a word of articles.txt before or after a number.
type articleWords struct {
	first  map[rune]bool  // first letters of the words that come before a number
	before *regexp.Regexp // "Article 4", "Artículo primero", "סעיף א"
	behind *regexp.Regexp // "4. cikk"
}

var words = sync.OnceValue(func() articleWords {
	before, behind := map[string]bool{}, map[string]bool{}
	first := map[rune]bool{}
	for row := range strings.Lines(articleTable) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		_, row, _ = strings.Cut(strings.TrimSpace(row), " ")
		above, below, _ := strings.Cut(row, "|")
		for _, word := range forms(above) {
			r, _ := utf8.DecodeRuneInString(word)
			first[r], before[regexp.QuoteMeta(word)] = true, true
		}
		for _, word := range forms(below) {
			behind[regexp.QuoteMeta(word)] = true
		}
	}
	return articleWords{
		first:  first,
		before: regexp.MustCompile(`^(` + alternatives(before) + `)[.]?` + gap + `(?:(` + wordDigits + `)(?:[.](` + digits + `))?(?:er|\.?[ºª°])?|(` + romans + `)|([\p{Latin}\p{Cyrillic}]{3,})|([א-ת]["״׳']?[א-ת]?))([ ](?:bis|ter|quater))?`),
		behind: regexp.MustCompile(`^(` + wordDigits + `)[.-]?` + gap + `(?:` + alternatives(behind) + `)[.]?(?:` + gap + `$|[\s:])`),
	}
})

// forms returns the words of a row, as they are and in capitals.
func forms(row string) []string {
	return append(strings.Fields(row), strings.Fields(strings.ToUpper(row))...)
}

// alternatives returns a regular expression that matches any word of a set, the longest
// first.
func alternatives(set map[string]bool) string {
	all := slices.SortedFunc(maps.Keys(set), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return strings.Join(all, "|")
}

// ordinals maps number words used in article headings to their values.
var ordinals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"premier": 1, "première": 1, "único": 1, "unique": 1,
	"primero": 1, "segundo": 2, "tercero": 3, "cuarto": 4, "quinto": 5, "sexto": 6, "séptimo": 7, "octavo": 8, "noveno": 9, "décimo": 10,
	"primeiro": 1, "terceiro": 3, "quarto": 4, "sétimo": 7, "oitavo": 8, "nono": 9,
}

// artYearRE matches "Art 2024", which names a year's exhibition. The abbreviation of article
// has a period or a mark after so high a number.
var artYearRE = regexp.MustCompile(`^(?i:art)` + gap + `(?:19|20)[0-9]{2}$`)

// parseWord reads "Article 4", "ARTICLE IV", "Art. 4.-", "Article 1.2: Scope",
// "Artículo primero", "§ 4", "المادة ٤". If no mark follows the number, text that
// continues in lower case, with a comma or with a clause "(2)" is a sentence about
// the article, not its heading.
func parseWord(text string) (number, string, bool) {
	first, _ := utf8.DecodeRuneInString(text)
	if !words().first[first] {
		return number{}, "", false // nearly all texts end here; the expression would be slow
	}
	m := words().before.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	n, rest := number{form: formWord, label: m[0]}, text[len(m[0]):]
	switch {
	case m[3] != "":
		n.group, n.value = digitValue(m[2]), digitValue(m[3])
	case m[2] != "":
		n.value = digitValue(m[2])
	case m[4] != "":
		n.value = romanValue(m[4])
	case m[5] != "":
		n.value = ordinal(m[5])
	default:
		n.value = hebrewValue(m[6])
	}
	if artYearRE.MatchString(m[0]) {
		return number{}, "", false
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if n.value == 0 || unicode.IsLetter(next) && next < 0x2E80 || unicode.IsDigit(next) {
		return number{}, "", false
	}
	if mark := wordMarkRE.FindString(rest); mark != "" {
		return n, rest[len(mark):], true
	}
	after := strings.TrimLeftFunc(rest, unicode.IsSpace)
	next, _ = utf8.DecodeRuneInString(after)
	if unicode.IsLetter(next) && !unicode.IsUpper(next) && !unicode.IsLower(next) && next < 0x2E80 { // without letter case, only a line break marks a heading
		return n, rest, strings.Contains(rest[:len(rest)-len(after)], "\n")
	}
	_, _, clause := parseBracket(after)
	refers := unicode.IsLower(next) || unicode.IsDigit(next) || strings.ContainsRune(",;，；", next) || clause
	return n, rest, after == "" || len(after) < len(rest) && !refers
}

// parseWordBehind reads "4. cikk" and "4 §".
func parseWordBehind(text string) (number, string, bool) {
	if text == "" || text[0] >= utf8.RuneSelf || !unicode.IsDigit(rune(text[0])) {
		return number{}, "", false
	}
	m := words().behind.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	label := strings.TrimRight(m[0], " \t\n:")
	return number{form: formWord, value: digitValue(m[1]), label: label}, text[len(m[0]):], true
}

var ordinalRE = regexp.MustCompile(`^(\p{Lu}{5,9})` + gap + `(?:[.:]` + gap + `[-–—]|[:–—-])`)

// parseOrdinal reads "PRIMERO.- Apruébase" and "SEGUNDA: …".
func parseOrdinal(text string) (number, string, bool) {
	m := ordinalRE.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	n := number{form: formWord, value: ordinal(m[1]), label: m[1]}
	return n, text[len(m[0]):], n.value > 0
}

// ordinal returns the value of a number word, or 0 for any other word.
func ordinal(word string) int {
	word = strings.ToLower(word)
	if stem, ok := strings.CutSuffix(word, "a"); ok { // "sección primera"
		word = stem + "o"
	}
	return ordinals[word]
}

// hebrewValue returns the value of a number of one or two Hebrew letters, or 0 for
// anything else.
func hebrewValue(s string) int {
	value := 0
	for _, r := range strings.NewReplacer("\"", "", "״", "", "׳", "", "'", "").Replace(s) {
		i := strings.IndexRune("אבגדהוזחטיכלמנסעפצ", r) / len("א")
		if i < 0 || i > 17 {
			return 0
		}
		if i < 9 {
			value += i + 1
		} else {
			value += (i - 8) * 10
		}
	}
	return value
}
