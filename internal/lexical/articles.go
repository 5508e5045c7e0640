package lexical

import (
	"regexp"
	"strings"
)

// articleREs capture the number of an article: after its name, in Chinese and
// Korean inside it, or, where a list numbers its items, at the start of the text.
var articleREs = []*regexp.Regexp{
	regexp.MustCompile(`art(?:icles?|iculos?|igos?|icol[oi]|ikels?|\.)? ?([0-9]{1,3}(?:\.[0-9]{1,3})?)`),
	regexp.MustCompile(`стать[яиею] ?([0-9]{1,3})`),
	regexp.MustCompile(`第 ?([0-9]{1,3}) ?条`),
	regexp.MustCompile(`제 ?([0-9]{1,3}) ?조`),
	regexp.MustCompile(`^\(?([0-9]{1,3})(?:[、)]|\.\B)`),
}

// articles adds "article 3" for "Article 3", "artículo 3", "第三条", and for a
// text that "三、", "(3)" or "3." begins.
func (s *scanner) articles() {
	for _, expression := range articleREs {
		for _, m := range expression.FindAllStringSubmatchIndex(s.text, -1) {
			if number := strings.TrimLeft(s.text[m[2]:m[3]], "0"); number != "" && !s.inside(m[0], m[1]) {
				s.add("article "+number, m[0], m[1])
			}
		}
	}
}
