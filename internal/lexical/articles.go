package lexical

import (
	"regexp"
	"strings"
)

// articleREs capture the number of an article: after its name, in Chinese and
// Korean inside it.
var articleREs = []*regexp.Regexp{
	regexp.MustCompile(`art(?:icles?|iculos?|igos?|icol[oi]|ikels?|\.)? ?([0-9]{1,3}(?:\.[0-9]{1,3})?)(?:er|[oa])?`),
	regexp.MustCompile(`стать[яиею] ?([0-9]{1,3})`),
	regexp.MustCompile(`第 ?([0-9]{1,3}) ?条`),
	regexp.MustCompile(`제 ?([0-9]{1,3}) ?조`),
}

// itemRE captures the number with which a list numbers an item, at its start.
var itemRE = regexp.MustCompile(`^\(?([0-9]{1,3})(?:[、)]|\.\B)`)

// NamedArticles returns the articles that a question names, as terms: "article 3"
// for "Article 3", "artículo 3" or "第三条". A number alone names none.
func NamedArticles(question string) []Term {
	s := scanner{folded: fold(question)}
	s.numbered(articleREs...)
	return s.terms
}

// LabelledArticle returns the article that a passage with a label is, as the same
// terms: "article 3" for "Article 3", "第三条", "三", "（三）" or "3"; false for a
// label with a Roman numeral or a number spelt out, which questions cannot name.
func LabelledArticle(label string) (Term, bool) {
	s := scanner{folded: fold(label + "、")} // a mark that makes an item of a number alone
	s.articles()
	if len(s.terms) == 0 {
		return Term{}, false
	}
	return s.terms[0], true
}

// articles adds "article 3" for "Article 3", "artículo 3", "第三条", and for a
// text that "三、", "(3)" or "3." begins.
func (s *scanner) articles() {
	s.numbered(articleREs...)
	s.numbered(itemRE)
}

func (s *scanner) numbered(expressions ...*regexp.Regexp) {
	for _, expression := range expressions {
		for _, m := range expression.FindAllStringSubmatchIndex(s.text, -1) {
			if number := strings.TrimLeft(s.text[m[2]:m[3]], "0"); number != "" && !s.inside(m[0], m[1]) {
				s.add("article "+number, m[0], m[1])
			}
		}
	}
}
