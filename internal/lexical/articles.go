package lexical

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestRange is the maximum number of articles that "articles 3 to 40" adds after the
// first one.
const longestRange = 50

var (
	// insideREs match article names with the number inside, or several, as in Chinese, Japanese
	// and Korean: 第三、五条. insideNumberRE matches each number of them, or the last of a range.
	insideREs = []*regexp.Regexp{
		regexp.MustCompile(`第 ?([0-9]{1,4}(?:` + betweenInside + `第?[0-9]{1,4})*) ?条`),
		regexp.MustCompile(`제 ?([0-9]{1,4}(?:` + betweenInside + `제?[0-9]{1,4})*) ?조`),
	}
	insideNumberRE  = regexp.MustCompile(`([-~〜至到]) ?第?([0-9]+)|[0-9]+`)
	insideLanguages = [][]string{{"zh", "ja"}, {"ko"}}
	// itemRE captures the number of a list item at the start of a text.
	itemRE = regexp.MustCompile(`^\(?([0-9]{1,3}|[ivxl]{1,7})(?:[、)]|\.\B)`)
	// articleNumberRE matches the number of an article. A mark before exactly three digits
	// groups them: "artículo 1.902" is 1902, and "Article 3.14" is a part of Article 3.
	articleNumberRE = regexp.MustCompile(`^(?:([1-9])[.,]([0-9]{3})|([0-9]{4}|[0-9]{1,3}(?:\.[0-9]{1,3})?))(?:er|[oa]|\.[oa]\b)?`)
	// newYearRE matches numbers that are probably the year of articles and not the number of
	// one, as in "articles 2016".
	newYearRE    = regexp.MustCompile(`^(?:19|20)[0-9]{2}$`)
	numberWordRE = regexp.MustCompile(`^[\pL\pM]+(?:[- ][\pL\pM]+)?`)
	// beforeNumberRE matches what may stand between a name and a number in digits, as
	// in "Article No. 5". beforeWordRE matches what may stand before any number.
	// Folding writes № and º as "no" and "o".
	beforeNumberRE = regexp.MustCompile(`^\.? ?(?:no|n\.o|nr|num|numero|number|nummer|номер|رقم)[.:]? ?([0-9])`)
	beforeWordRE   = regexp.MustCompile(`^(?:-|\.? ?\(?)`)
	// andRE and toRE match what joins the numbers of several articles.
	andRE = regexp.MustCompile(`^(?:, ?(?:(?:` + ands + `) )?| (?:` + ands + `|&) | (?:و|او|ו-) ?| ?(?:และ|หรือ) ?)`)
	toRE  = regexp.MustCompile(`^(?: ?[-–—] ?| (?:to|through|bis|a|al|au|до|по|الي) | ?ถึง ?(?:มาตรา|ข้อ)? ?)`)
)

// ands matches the words that join the numbers of several articles.
var ands = strings.Join(foldedLines(joiningLines), "|")

// betweenInside matches what may stand between the numbers of insideREs.
const betweenInside = ` ?[、,·ㆍ和与及至到~〜-] ?`

// namedArticle is an occurrence of an article name in a folded text.
type namedArticle struct {
	articleName
	start, end int
}

// NamedArticles returns the articles that a question names, as terms: "article 3" for
// "Article 3", "artículo tercero", "Article III" or "第三条", and two terms for
// "articles 3 and 5". A bare number names no article. languages are those of the names that the
// question uses; the same language may occur several times.
func NamedArticles(question string) (articles []Term, languages []string) {
	s := scanner{folded: fold(question), original: question}
	s.scan()
	s.terms = s.terms[:0]
	s.addNamedArticles()
	return s.terms, s.articleLanguages
}

// LabelledArticle returns the article that a passage's label stands for, as the same
// kind of term: "article 3" for "Article 3", "第三条", "三", "（三）", "III" or "3". ok is
// false if the label has no number.
func LabelledArticle(label string) (Term, bool) {
	for _, term := range Terms(label+"、", "") { // the mark turns a bare number into a list item
		if strings.HasPrefix(term.Text, articlePrefix) {
			return term, true
		}
	}
	return Term{}, false
}

const articlePrefix = "article "

// addArticles adds "article 3" for "Article 3", "artículo 3" and "第三条", and for a text
// that begins with "三、", "(3)", "3." or "III.".
func (s *scanner) addArticles() {
	s.addNamedArticles()
	if m := itemRE.FindStringSubmatchIndex(s.text); m != nil && !s.splitsWord(m[0], m[1]) {
		if value := s.text[m[2]:m[3]]; isDigit(rune(value[0])) {
			s.addArticle(value, m[0], m[1])
		} else if roman := romanValue(value); roman > 0 && s.isUpper(m[2], m[3]) {
			s.addArticle(strconv.Itoa(roman), m[0], m[1])
		}
	}
}

// addNamedArticles adds the articles that follow a name or a sign.
func (s *scanner) addNamedArticles() {
	for _, named := range s.named {
		s.addListedArticles(named)
	}
	for _, name := range insideNames {
		s.addInside(name)
	}
	for i, sign := range []string{"第", "제"} { // of insideREs
		if !strings.Contains(s.text, sign) {
			continue
		}
		for _, m := range insideREs[i].FindAllStringSubmatchIndex(s.text, -1) {
			s.addArticlesInside(s.text[m[2]:m[3]], m[0], m[1])
			s.articleLanguages = append(s.articleLanguages, insideLanguages[i]...)
		}
	}
}

// addArticlesInside adds the articles with the numbers that stand inside one name.
func (s *scanner) addArticlesInside(numbers string, start, end int) {
	before := ""
	for _, m := range insideNumberRE.FindAllStringSubmatch(numbers, -1) {
		if m[1] != "" {
			s.addArticlesBetween(before, m[2], start, end)
			before = m[2]
			continue
		}
		s.addArticle(m[0], start, end)
		before = m[0]
	}
}

// addListedArticles adds the articles after a name: one, or all of "3, 5 and 7" and
// "3 to 5" if the name may have several. If the name follows its number, it adds those before it.
func (s *scanner) addListedArticles(name namedArticle) {
	if s.addArticlesBefore(name) || name.dotted {
		return
	}
	at := name.end
	if m := beforeNumberRE.FindStringSubmatchIndex(s.text[at:]); m != nil {
		at += m[2]
	} else {
		at += len(beforeWordRE.FindString(s.text[at:]))
	}
	number, end := s.articleNumber(name, at)
	if number != "" {
		s.addNameLanguages(name)
	}
	for number != "" {
		s.addArticle(number, name.start, end)
		if !name.several {
			return
		}
		if to := toRE.FindString(s.text[end:]); to != "" {
			last, after := s.articleNumber(name, end+len(to))
			if last != "" {
				s.addArticlesBetween(number, last, name.start, after)
				end = after
			}
		}
		and := andRE.FindString(s.text[end:])
		if and == "" {
			return
		}
		number, end = s.articleNumber(name, end+len(and))
	}
}

// addArticlesBetween adds the articles after first, up to and including last.
func (s *scanner) addArticlesBetween(first, last string, start, end int) {
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil {
		s.addArticle(last, start, end)
		return
	}
	for n := from + 1; n <= min(to, from+longestRange); n++ {
		s.addArticle(strconv.Itoa(n), start, end)
	}
}

// articleNumber reads the number at offset at, in digits, Roman numerals or words. It
// returns the number in digits and where it ends. The number is empty if there is
// none.
func (s *scanner) articleNumber(name namedArticle, at int) (number string, end int) {
	if m := articleNumberRE.FindStringSubmatch(s.text[at:]); m != nil {
		end = at + len(m[0])
		if next, _ := utf8.DecodeRuneInString(s.text[end:]); isSpelt(next) && !unicode.IsMark(next) && !name.inside {
			return "", 0
		}
		return m[1] + m[2] + m[3], end
	}
	for word := numberWordRE.FindString(s.text[at:]); word != ""; word = word[:strings.IndexAny(word, "- ")] {
		end = at + len(word)
		if value := name.numbers[word]; value > 0 {
			return strconv.Itoa(value), end
		}
		if value := romanValue(word); value > 0 && s.isRoman(name, at, end) {
			return strconv.Itoa(value), end
		}
		if !strings.ContainsAny(word, "- ") {
			break
		}
	}
	return "", 0
}

// isRoman reports whether letters that could be a Roman numeral are one. A single letter
// must be in upper case, and an I also needs a capitalised name before it, as in "Article
// I".
func (s *scanner) isRoman(name namedArticle, at, end int) bool {
	if end-at > 1 {
		return true
	}
	return s.isUpper(at, end) && (s.text[at] != 'i' || s.beginsUpper(name.start))
}

// addArticle adds the term of an article. If its number may be a year, the term is a part, so
// that a question for articles of a year does not seem to lack a number in every passage.
func (s *scanner) addArticle(number string, start, end int) {
	if number = strings.TrimLeft(number, "0"); number != "" {
		s.add(articlePrefix+number, start, end)
		s.terms[len(s.terms)-1].Part = newYearRE.MatchString(number)
	}
}

var romanDigits = map[rune]int{'i': 1, 'v': 5, 'x': 10, 'l': 50}

// romanValue returns the value, up to 89, of a well-formed Roman numeral of the
// letters i, v, x and l. It returns 0 for anything else.
func romanValue(numeral string) int {
	value, last := 0, 0
	for _, r := range numeral {
		digit := romanDigits[r]
		if digit == 0 {
			return 0
		}
		if value += digit; digit > last && last > 0 {
			value -= 2 * last
		}
		last = digit
	}
	if value > 89 || romanNumeral(value) != numeral {
		return 0
	}
	return value
}

// romanNumeral returns the numeral of a value from 1 to 89, and "" for values below.
func romanNumeral(value int) string {
	if value < 1 {
		return ""
	}
	var out strings.Builder
	for _, step := range []struct {
		value int
		sign  string
	}{{50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}} {
		for ; value >= step.value; value -= step.value {
			out.WriteString(step.sign)
		}
	}
	return out.String()
}
