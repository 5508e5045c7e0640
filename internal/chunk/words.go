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
	first  map[rune]bool   // first letters of the words that come before a number
	before *regexp.Regexp  // "Article 4", "Artículo primero", "סעיף א"
	weak   map[string]bool // words such as "Section", which may also begin a heading above articles
	behind *regexp.Regexp  // "4. cikk"
}

// Groups in articleWords.before.
const (
	groupArticle         = iota + 1 // "Article"
	groupDigits                     // the 1 of "Article 1.2"
	groupAfterPoint                 // its 2
	groupRoman                      // "IV"
	groupOrdinal                    // "primero"
	groupHebrew                     // "א"
	groupBracketedDigits            // the 4 of "المادة (٤)"
)

var words = sync.OnceValue(func() articleWords {
	before, behind, chapters := map[string]bool{}, map[string]bool{}, map[string]bool{}
	first, weak := map[rune]bool{}, map[string]bool{}
	for row := range strings.Lines(articleTable) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		_, row, _ = strings.Cut(strings.TrimSpace(row), " ")
		row, chapter, _ := strings.Cut(row, "<")
		for _, word := range forms(chapter) {
			chapters[regexp.QuoteMeta(word)] = true
		}
		above, below, _ := strings.Cut(row, "|")
		above, unsure, _ := strings.Cut(above, "/")
		for _, word := range forms(unsure) {
			weak[word] = true
		}
		for _, word := range append(forms(above), forms(unsure)...) {
			r, _ := utf8.DecodeRuneInString(word)
			first[r], before[wordExpression(word)] = true, true
		}
		for _, word := range forms(below) {
			behind[regexp.QuoteMeta(word)] = true
		}
	}
	return articleWords{
		first:  first,
		weak:   weak,
		before: regexp.MustCompile(`^(` + alternatives(before) + `)[.]?` + gap + `(?:(` + wordDigits + `)(?:[.](` + digits + `))?(?:er|\.?[ºª°])?|(` + romans + `)|([\p{Latin}\p{Cyrillic}]{3,}|` + uncased() + `)|([א-ת]["״׳']?[א-ת]?)|[(（]` + gap + `(` + wordDigits + `)` + gap + `[)）])([ ](?:bis|ter|quater))?`),
		behind: regexp.MustCompile(`^(?:(` + digits + `)` + gap + `(?:` + alternatives(chapters) + `)[.]?` + gap + `)?(` + wordDigits + `)[.-]?` + gap + `(?:` + alternatives(behind) + `)[.]?(?:` + gap + `$|[\s:])`),
	}
})

// wordExpression returns an expression for a word. Arabic letters may have vowel marks, or the
// hamza of the Persian "مادهٔ ۵", and may be made longer.
func wordExpression(word string) string {
	var expression strings.Builder
	for _, r := range word {
		expression.WriteString(regexp.QuoteMeta(string(r)))
		if unicode.Is(unicode.Arabic, r) {
			expression.WriteString(`[\p{Mn}ـ]*`)
		}
	}
	return expression.String()
}

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

//go:embed ordinals.txt
var ordinalRows string

// ordinals maps number words used in article headings to their values.
var ordinals = sync.OnceValue(func() map[string]int {
	values := map[string]int{}
	for row := range strings.Lines(ordinalRows) {
		fields := strings.Fields(row)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		for i, list := range fields[1:] {
			for word := range strings.SplitSeq(list, ",") {
				values[strings.ReplaceAll(word, "_", " ")] = i + 1
			}
		}
	}
	return values
})

// uncased returns an expression for the number words of scripts without capitals. The words for
// numbers above ten have a space inside.
func uncased() string {
	found := map[string]bool{}
	for word := range ordinals() {
		if first, _ := utf8.DecodeRuneInString(word); !unicode.IsLower(first) {
			found[regexp.QuoteMeta(word)] = true
		}
	}
	return alternatives(found)
}

// tatweel makes Arabic words longer. Persian also writes it for a dash after a number.
const tatweel = 'ـ'

// artYearRE matches "Art 2024", the name of an exhibition. Before a number that may be a year,
// "Art" stands for article only if a period follows it, or a mark follows the number.
var artYearRE = regexp.MustCompile(`^(?i:art)` + gap + `\(?(?:19|20)[0-9]{2}\)?$`)

// parseWord reads "Article 4", "ARTICLE IV", "Art. 4.-", "Article 1.2: Scope",
// "Artículo primero", "§ 4", "المادة ٤", "المادة (٤)". If no mark follows the number, text that
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
	n, rest := wordNumber(m), text[len(m[0]):]
	if artYearRE.MatchString(m[0]) {
		return number{}, "", false
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if n.value == 0 || unicode.IsLetter(next) && next < 0x2E80 && next != tatweel || unicode.IsDigit(next) {
		return number{}, "", false
	}
	if mark := wordMarkRE.FindString(rest); mark != "" {
		return n, rest[len(mark):], true
	}
	after := strings.TrimLeftFunc(rest, unicode.IsSpace)
	next, _ = utf8.DecodeRuneInString(after)
	if isCaseless(next) {
		broken := strings.Contains(rest[:len(rest)-len(after)], "\n")
		return n, rest, broken || m[groupHebrew] == "" && sections().mayBeginText(rest) // as a Hebrew word, 12 is "this"
	}
	_, _, clause := parseBracket(after)
	refers := unicode.IsLower(next) || unicode.IsDigit(next) || strings.ContainsRune(",;，；", next) || clause
	return n, rest, after == "" || len(after) < len(rest) && !refers
}

// wordNumber returns the number that a match of articleWords.before stands for. Its value is 0 if
// it is not a number after all.
func wordNumber(m []string) number {
	n := number{form: formWord, label: m[0]}
	if words().weak[m[groupArticle]] {
		n.form = formSection
	}
	switch {
	case m[groupAfterPoint] != "":
		n.group, n.value = digitValue(m[groupDigits]), digitValue(m[groupAfterPoint])
	case m[groupDigits] != "":
		n.value = digitValue(m[groupDigits])
	case m[groupBracketedDigits] != "":
		n.value = digitValue(m[groupBracketedDigits])
	case m[groupRoman] != "":
		n.value = romanValue(m[groupRoman])
	case m[groupOrdinal] != "":
		n.value = ordinal(m[groupOrdinal])
	default:
		n.value = hebrewValue(m[groupHebrew])
	}
	return n
}

// parseWordBehind reads "4. cikk", "4 §" and "1 kap. 4 §", but not "4. cikk szerint" ("under Article 4").
func parseWordBehind(text string) (number, string, bool) {
	if text == "" || text[0] >= utf8.RuneSelf || !unicode.IsDigit(rune(text[0])) {
		return number{}, "", false
	}
	m := words().behind.FindStringSubmatch(text)
	if m == nil {
		return number{}, "", false
	}
	label := strings.TrimRight(m[0], " \t\n:")
	rest := text[len(m[0]):]
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " \t\u00a0"))
	refers := unicode.IsLower(next) && !strings.ContainsAny(m[0], ":\n")
	return number{form: formWord, group: digitValue(m[1]), value: digitValue(m[2]), label: label}, rest, !refers
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
	return ordinals()[word]
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
