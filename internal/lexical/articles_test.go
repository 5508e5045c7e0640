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
		"IV": "article 4", "Artículo primero": "article 1", "المادة ٥": "article 5", "Статья 5": "article 5", "§ 6": "article 6",
		"Article IV": "article 4", "I": "article 1", "": "", "Annex": "",
	} {
		term, ok := lexical.LabelledArticle(label)
		if ok != (want != "") || term.Text != want {
			t.Errorf("%q: %q, %t; want %q", label, term.Text, ok, want)
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
