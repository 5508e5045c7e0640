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
		{"articles 4 and 5, art. 6", "article 4, article 6"},
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
		"IV": "", "Artículo primero": "", "": "",
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
