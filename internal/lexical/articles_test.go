package lexical_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/lexical"
)

func TestNamedArticles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ question, want string }{
		{"Article 3 of the 2016 statement", "article 3"},
		{"第三条", "article 3"},
		{"第十二条 2015年", "article 12"},
		{"artículo 12 de la declaración conjunta de 2015", "article 12"},
		{"articles 4 and 5, art. 6", "article 4, article 5, article 6"},
		{"articles 3 and 5", "article 3, article 5"},
		{"articles 3 to 5", "article 3, article 4, article 5"},
		{"Artikel 3–5 und 9", "article 3, article 4, article 5, article 9"},
		{"les articles 3, 5 et 7", "article 3, article 5, article 7"},
		{"article 3 and 5 others", "article 3"},
		{"Article five", "article 5"},
		{"Article No. 5", "article 5"},
		{"Artikel Nr. 7, Article № 3, artículo n.º 4", "article 7, article 3, article 4"},
		{"the article no one read", ""},
		{"статья пятая", "article 5"},
		{"المادة الخامسة", "article 5"},
		{"المادة رقم 5", "article 5"},
		{"article premier", "article 1"},
		{"artículo quinto", "article 5"},
		{"Artikel zwölf", "article 12"},
		{"article dix-sept", "article 17"},
		{"Article IV", "article 4"},
		{"article iv of the constitution", "article 4"},
		{"Article I of the constitution", "article 1"},
		{"the article I read", ""},
		{"the article once said", ""},
		{"Artigo 5, Artykuł 6", "article 5, article 6"},
		{"المادة ٥", "article 5"},
		{"للمادة (٥) من", "article 5"},
		{"статья 5; статьи 6; ст. 7; в статье 8", "article 5, article 6, article 7, article 8"},
		{"Чл. 5", "article 5"},
		{"§ 6 und §7", "article 6, article 7"},
		{"§§ 3, 5", "article 3, article 5"},
		{"第5条", "article 5"},
		{"제3조", "article 3"},
		{"अनुच्छेद ५", "article 5"},
		{"artículo 1º", "article 1"},
		{"what was agreed in 2016", ""},
		{"Article 1100 of the code", "article 1100"},
		{"articles 1099 to 1101", "article 1099, article 1100, article 1101"},
		{"article 1,100, article 1.100", "article 1100, article 1100"},
		{"articles 3.14 and 1.1005", "article 3.14"},
		{"artículo 1.902", "article 1902"},
		{"l'article 1240 du code civil", "article 1240"},
		{"§ 1922 BGB, §§ 1100, 2385", "article 1922, article 1100, article 2385"},
		{"Artikel 1100 BW, articolo 2043, artigo 1100.º", "article 1100, article 2043, article 1100"},
		{"статья 1100, стаття 1166", "article 1100, article 1166"},
		{"第一千一百条", "article 1100"},
		{"第一千零二条 第1100条", "article 1002, article 1100"},
		{"第千百条", "article 1100"},
		{"제1100조", "article 1100"},
		{"المادة ١١٠٠", "article 1100"},
		{"ماده ۱۱۰۰", "article 1100"},
		{"धारा ११००", "article 1100"},
		{"madde 1100, άρθρο 1100, סעיף 1100", "article 1100, article 1100, article 1100"},
		{"articolul 1100, artikkel 1100, članak 1100, článku 1100, straipsnis 6, Điều 1100", "article 1100, article 1100, article 1100, article 1100, article 6, article 1100"},
		{"article 11000", ""},
		{"3. both sides", ""},
		{"三、双方同意", ""},
		{"the start 3 of it", ""},
	} {
		if diff := cmp.Diff(test.want, names(lexical.NamedArticles(test.question))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.question, diff)
		}
	}
}

func TestLabelledArticle(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"三": "article 3", "第十二条": "article 12", "（三）": "article 3", "(3)": "article 3", "4": "article 4",
		"Article 12": "article 12", "ARTÍCULO 1º": "article 1", "Article 1.2": "article 1.2", "제3조": "article 3",
		"第一千一百条": "article 1100", "Article 1100": "article 1100", "Artículo 1.902": "article 1902", "المادة ١١٠٠": "article 1100", "§ 1922": "article 1922",
		"IV": "article 4", "Artículo primero": "article 1", "المادة ٥": "article 5", "Статья 5": "article 5", "§ 6": "article 6",
		"Article IV": "article 4", "I": "article 1", "": "", "Annex": "",
	} {
		term, ok := lexical.LabelledArticle(label)
		if ok != (want != "") || term.Text != want {
			t.Errorf("%q: %q, %t; want %q", label, term.Text, ok, want)
		}
	}
}

// A year after "articles" does not count as a number that every passage lacks.
func TestArticlesOfAYear(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]bool{"articles 2016": true, "§ 1922": true, "article 1100": false, "§ 2100": false} {
		terms := lexical.NamedArticles(question)
		if len(terms) != 1 || terms[0].Part != want {
			t.Errorf("%q: %+v, want one term, a part: %t", question, terms, want)
		}
	}
}

func names(terms []lexical.Term) string {
	var out []string
	for _, t := range terms {
		out = append(out, t.Text)
	}
	return strings.Join(out, ", ")
}

func TestArticleLanguages(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]string{
		"articles 3 and 5": "en", "articles 3 et 5": "fr", "article 5": "en fr", "Article IV": "en fr", "Article five": "en fr",
		"artículos 3 y 5": "es", "§ 6": "de", "Artikel 3 bis 5": "de", "статья 5": "ru", "المادة ٥": "ar", "art. 6": "en fr es de pt it", "l'article premier": "fr", "the article 5": "en", "les articles 3, 5": "fr",
		"article 5 of the treaty": "", "5": "", "and": "", "digital economy": "", "第三条": "",
	} {
		if got := strings.Join(lexical.ArticleLanguages(question), " "); got != want {
			t.Errorf("%q: %s, want %s", question, got, want)
		}
	}
}
