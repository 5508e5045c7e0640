package lexical

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// longestList bounds the length in bytes of the numbers before the name of an article.
const longestList = 80

var (
	// listBeforeRE captures the numbers before a name, the last of them, and the mark that makes
	// it an ordinal: "3. és 5. " and "12'nci ".
	listBeforeRE = regexp.MustCompile(`(?:^|[^0-9.,\pL\pM])((?:[0-9]{1,4}[.-]?(?:, ?| (?:` + ands + `) ))*)([0-9]{1,4})(?:/[a-z])?([.]|-|['’ -]{0,2}(?:(?:[iu]n)?c[iu]|րդ|ე|дугаар|дүгээр))? ?$`)
	listedRE     = regexp.MustCompile(`[0-9]+`)
	// partRE matches the number of a paragraph of an article after its name: "12. § (1)", and
	// in Swedish and Finnish "12 § 2 mom.".
	partRE = regexp.MustCompile(`^ ?(?:\(|[0-9]{1,2} ?(?:st|stycket|mom|momentti|momentin|ledd|lõige|lg|bekezdes)\b)`)
)

// insideNames are the names that may stand inside a run of letters, and the paragraph signs, in
// order.
var insideNames = func() (names []string) {
	for name, described := range articleNames {
		if described.inside || strings.HasPrefix(name, "§") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}()

// addInside adds the articles that a name names wherever it occurs.
func (s *scanner) addInside(name string) {
	for start := 0; ; {
		next := strings.Index(s.text[start:], name)
		if next < 0 {
			return
		}
		at := start + next
		start = at + len(name)
		if name == "§" && (strings.HasPrefix(s.text[start:], "§") || strings.HasSuffix(s.text[:at], "§")) {
			continue
		}
		s.addListedArticles(namedArticle{articleNames[name], at, start})
	}
}

// addArticlesBefore adds the articles whose numbers stand before a name, and reports whether there are
// any. If numbers are before and after a name that may have either, the one before counts if
// it has a mark, or if the one after is that of a paragraph.
func (s *scanner) addArticlesBefore(name namedArticle) bool {
	if !name.behind && !name.marked && !name.dotted {
		return false
	}
	from := max(0, name.start-longestList)
	for from > 0 && !utf8.RuneStart(s.text[from]) {
		from--
	}
	m := listBeforeRE.FindStringSubmatchIndex(s.text[from:name.start])
	if m == nil {
		return false
	}
	mark := ""
	if m[6] >= 0 {
		mark = s.text[from+m[6] : from+m[7]]
	}
	if name.dotted && mark != "." || name.marked && mark == "" && s.numberFollows(name) {
		return false
	}
	if sign := s.text[name.start:name.end]; strings.HasPrefix(sign, "§") {
		s.articleLanguages = append(s.articleLanguages, spelledNames["#"+strings.TrimSuffix(mark, "-")+sign]...)
	} else {
		s.addNameLanguages(name)
	}
	last, list := [2]int{from + m[4], from + m[5]}, [2]int{from + m[2], from + m[3]}
	if name.several {
		for _, n := range listedRE.FindAllStringIndex(s.text[list[0]:list[1]], -1) {
			s.addArticle(s.text[list[0]+n[0]:list[0]+n[1]], list[0]+n[0], name.end)
		}
	}
	s.addArticle(s.text[last[0]:last[1]], last[0], name.end)
	return true
}

// numberFollows reports whether the number of an article follows a name, and not that of one
// of its paragraphs.
func (s *scanner) numberFollows(name namedArticle) bool {
	if partRE.MatchString(s.text[name.end:]) {
		return false
	}
	number, _ := s.articleNumber(name, name.end+len(beforeWordRE.FindString(s.text[name.end:])))
	return number != ""
}
