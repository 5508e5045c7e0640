package lexical_test

import (
	"os"
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
		{"artigos 5.º e 6.º", "article 5, article 6"},
		{"Article 5.All parties", "article 5"},
		{"第5、6条", "article 5, article 6"},
		{"第五、六条", "article 5, article 6"},
		{"第三至五条、第七条", "article 3, article 4, article 5, article 7"},
		{"第3-5条", "article 3, article 4, article 5"},
		{"제5·6조", "article 5, article 6"},
		{"ماده ۵ و ۶", "article 5, article 6"},
		{"סעיפים 5 ו-6", "article 5, article 6"},
		{"artykuły 5 i 6", "article 5, article 6"},
		{"Pasal 5 dan 6", "article 5, article 6"},
		{"άρθρα 5 και 6", "article 5, article 6"},
		{"5 ja 6 artikla", "article 5, article 6"},
		{"artikelen 5 en 6", "article 5, article 6"},
		{"مادهٔ ۵، مادۀ ۶", "article 5, article 6"},
		{"धारा ११००", "article 1100"},
		{"madde 1100, άρθρο 1100, סעיף 1100", "article 1100, article 1100, article 1100"},
		{"articolul 1100, artikkel 1100, članak 1100, článku 1100, straipsnis 6, Điều 1100", "article 1100, article 1100, article 1100, article 1100, article 6, article 1100"},
		// Names in more languages and forms, and numbers before the name.
		{"ตามมาตรา 12 ของกฎหมาย", "article 12"},
		{"มาตรา ๑๑๐๐ กล่าวว่าอย่างไร", "article 1100"},
		{"มาตรา12และมาตรา14", "article 12, article 14"},
		{"มาตรา 3 ถึง 5", "article 3, article 4, article 5"},
		{"ມາດຕາ ໑໒, មាត្រា១២, አንቀጽ 12, հոդված 12", "article 12, article 12, article 12, article 12"},
		{"Mit mond az 1100. cikk?", "article 1100"},
		{"a 12. § (1) bekezdése", "article 12"},
		{"a 3. és 5. cikk", "article 3, article 5"},
		{"12. madde, 14'üncü madde, madde 16'da, 18. maddesi", "article 12, article 14, article 16, article 18"},
		{"12 artiklan 2 kohta; 5 §:n mukaan", "article 12, article 5"},
		{"12 § 2 stycket", "article 12"},
		{"12 straipsnio 2 dalis", "article 12"},
		{"12-modda, 12-бап, 14-берене", "article 12, article 12, article 14"},
		{"5-moddada, 6-moddasiga, 7-модда, 8-моддасининг", "article 5, article 6, article 7, article 8"},
		{"3- va 5-moddalar", "article 3, article 5"},
		{"3 och 5 §§, 7 ja 8 §", "article 7, article 8, article 3, article 5"},
		{"12-бабына, 13-беренесине", "article 12, article 13"},
		{"5. člen, odstavek 2. 6. člena", "article 5, article 6"},
		{"stavak 2 članka 5", "article 5"},
		{"12. gr. laganna, 100 gr", "article 12"},
		{"Art. 2 § 5", "article 2, article 5"},
		{"धारा 12 क्या कहती है, अनुच्छेद-14", "article 12, article 14"},
		{"ধারা ১২, ਧਾਰਾ ੧੩, કલમ ૧૪, உறுப்புரை 15, ಅನುಚ್ಛೇದ ೧೬", "article 12, article 13, article 14, article 15, article 16"},
		{"دفعہ 12, ماده ۱۳, בסעיף 14, მუხლი 15", "article 12, article 13, article 14, article 15"},
		{"pasal dua belas, perkara 13, kifungu 14, Điều 15 và 16", "article 12, article 13, article 14, article 15, article 16"},
		{"المادة الثانية عشرة والمادة الخامسة والعشرين", "article 12, article 25"},
		{"artikel twaalf, artykuł piąty", "article 12, article 5"},
		{"những điều hai bên", ""},
		{"article 3 in 5 countries", "article 3"},
		{"article 11000", ""},
		{"3. both sides", ""},
		{"三、双方同意", ""},
		{"the start 3 of it", ""},
	} {
		if diff := cmp.Diff(test.want, namesIn(test.question)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.question, diff)
		}
	}
}

// Each word by which package chunk finds the heads of articles also names articles in questions,
// except for words that may stand above articles, such as "Section".
func TestWordsOfTheReader(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../chunk/articles.txt")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(table)) {
		_, words, ok := strings.Cut(strings.TrimSpace(row), " ")
		if !ok || row[0] == '#' {
			continue
		}
		words, _, _ = strings.Cut(words, "<") // words of chapters
		before, behind, _ := strings.Cut(words, "|")
		before, _, _ = strings.Cut(before, "/")
		var questions []string
		for _, word := range strings.Fields(before) {
			questions = append(questions, word+" 12")
		}
		for _, word := range strings.Fields(behind) {
			questions = append(questions, "12. "+word)
		}
		for _, question := range questions {
			if diff := cmp.Diff("article 12", namesIn(question)); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", strings.Fields(row)[0], question, diff)
			}
		}
	}
}

func TestLabelledArticle(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"三": "article 3", "第十二条": "article 12", "（三）": "article 3", "(3)": "article 3", "4": "article 4",
		"Article 12": "article 12", "ARTÍCULO 1º": "article 1", "Article 1.2": "article 1.2", "제3조": "article 3",
		"第一千一百条": "article 1100", "Article 1100": "article 1100", "Artículo 1.902": "article 1902", "المادة ١١٠٠": "article 1100", "§ 1922": "article 1922",
		"12. §": "article 12", "4 §": "article 4", "1100. cikk": "article 1100", "4 artikla": "article 4", "มาตรา ๑๒": "article 12", "제12조의2": "article 12", "第十二条の二": "article 12", "المادة (٥)": "article 5", "12-modda": "article 12",
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
		terms, _ := lexical.NamedArticles(question)
		if len(terms) != 1 || terms[0].Part != want {
			t.Errorf("%q: %+v, want one term, a part: %t", question, terms, want)
		}
	}
}

func namesIn(question string) string {
	articles, _ := lexical.NamedArticles(question)
	return names(articles)
}

// The words with which a question names an article say which languages it may be in.
func TestLanguagesOfNamedArticles(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]string{
		"Mit mond az egyezmény 12. cikke?": "hu", "Mit mond a 12. §?": "hu et", "Vad säger 12 §?": "sv fi", "3 och 5 §§": "sv fi", "§§ 3, 5": "de cs", "5-moddada nima deyilgan": "uz", "Ką sako 3 straipsnis?": "lt", "apa isi Pasal 3": "id ms", "ماده ۳ چه": "fa ps", "مادهٔ ۳ چه": "fa", "مادۀ ۳ چه": "fa", "ماذا تقول مادة ٣": "ar",
		"第三条说什么": "zh ja", "제3조": "ko", "มาตรา 3 ว่าอย่างไร": "th", "článku 3": "cs sk", "članku 3": "hr", "clanku 3": "cs sk hr", "an article of 2016": "", "digital economy": "",
	} {
		_, languages := lexical.NamedArticles(question)
		if got := strings.Join(languages, " "); got != want {
			t.Errorf("%q: %s, want %s", question, got, want)
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
		"articles 3 and 5": "en", "articles 3 et 5": "fr", "article 5": "en fr ca", "Article IV": "en fr ca", "Article five": "en fr ca",
		"artículos 3 y 5": "es", "§ 6": "de sv fi hu cs da nb et pl en fr", "12. cikk": "hu", "12. §": "hu et", "12 §": "sv fi", "มาตรา ๑๒": "th", "धारा 12": "hi ne", "المادة الثانية عشرة": "ar", "Artikel 3 bis 5": "de", "статья 5": "ru", "المادة ٥": "ar", "art. 6": "en fr es de pt it pl", "l'article premier": "fr", "the article 5": "en", "les articles 3, 5": "fr",
		"article 5 of the treaty": "", "5": "", "and": "", "digital economy": "", "第三条": "",
	} {
		if got := strings.Join(lexical.ArticleLanguages(question), " "); got != want {
			t.Errorf("%q: %s, want %s", question, got, want)
		}
	}
}
