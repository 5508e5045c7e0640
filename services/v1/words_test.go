package v1_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	lexicalMode = accordv1.SearchMode_SEARCH_MODE_LEXICAL
	hybridMode  = accordv1.SearchMode_SEARCH_MODE_HYBRID
)

// TestWords: queries find texts that have the same words in another form, and these texts
// come first.
func TestWords(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	queries := []struct{ language, query, first string }{
		{"en", "WHO", "The WHO sent a team."},
		{"en", "vitamin D", "Take vitamin D in winter."},
		{"en", "AT&T", "Shares of AT&T rose."},
		{"en", "C++", "The C++ course starts on Monday."},
		{"en", "C#", "The C# course starts on Monday."},
		{"en", ".NET", "The .NET course is full."},
		{"en", "Node.js", "Servers run Node.js there."},
		{"en", "2.1.3", "Release v2.1.3 breaks the build."},
		{"en", "v1.26.2", "Use 1.26.2 at least."},
		{"en", "18,500 inhabitants", "The town has 18\u202f500 inhabitants."},
		{"en", "ZX-4471-B", "Order part ZX-4471-B today."},
		{"en", "extradition", "The ex\u00adtra\u00addi\u00adtion took a year."},
		{"ar", "تروى", "تُروى حقول الأرز في الدلتا مرتين في الأسبوع."},
		{"ar", "قمح", "ارتفعت أسعار القمح بنسبة ١٢٪ بعد موجة الجفاف."},
		{"ar", "اسعار", "ارتفعت أسعار القمح بنسبة ١٢٪ بعد موجة الجفاف."},
		{"ar", "12%", "ارتفعت أسعار القمح بنسبة ١٢٪ بعد موجة الجفاف."},
		{"ru", "елки", "Ёлки для питомника закупили в Карелии."},
		{"hi", "गेहूं", "इस साल गेहूँ का समर्थन मूल्य 2,275 रुपये है।"},
		{"hi", "२२७५", "इस साल गेहूँ का समर्थन मूल्य 2,275 रुपये है।"},
		{"de", "Dampfschifffahrt", "Die Donaudampfschifffahrtsgesellschaft fährt."},
		{"de", "Versicherung", "Jede Krankenversicherung zahlt."},
	}
	texts := []struct{ language, text string }{
		{"en", "Those who came said it."},
		{"en", "Take vitamin C in winter."},
		{"en", "The C course starts on Monday."},
		{"en", "Staircase C is closed."},
		{"en", "Release v2.10.3 breaks the build."},
		{"en", "Use 1.2.62 at least."},
		{"en", "The city has 18,501 inhabitants."},
		{"en", "Order part ZX-4472-B today."},
		{"de", "Der Minister kommt."},
	}
	for _, q := range queries {
		texts = append(texts, struct{ language, text string }{q.language, q.first})
	}
	for i, d := range texts {
		s.upsert(t, &accordv1.Document{Name: name(fmt.Sprintf("d%d", i)), LanguageCode: d.language, Text: d.text})
	}
	for _, q := range queries {
		found := s.ask(t, &accordv1.SearchRequest{Query: q.query, Mode: lexicalMode}).GetResults()
		if len(found) == 0 {
			t.Errorf("%s: nothing found", q.query)
			continue
		}
		if got := found[0].GetPassage().GetText(); got != q.first {
			t.Errorf("%s: first result %q, want %q", q.query, got, q.first)
		}
		if q.query == "WHO" && len(found) > 1 {
			t.Errorf("WHO finds %q", found[1].GetPassage().GetText())
		}
		if ranges := found[0].GetMatchedTerms(); q.query == "extradition" && cut(q.first, ranges) != "ex\u00adtra\u00addi\u00adtion" {
			t.Errorf("matched terms of %q: %v", q.first, ranges)
		}
	}
}

// TestQuotedPhrases: passages that contain the quoted phrases come first, and the
// response lists phrases that no passage contains.
func TestQuotedPhrases(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for id, text := range map[string]string{
		"p1": "The council rejected the plan to close the harbour bridge at night.",
		"p2": "At night the harbour is closed; the council plans a new bridge.",
		"p3": "The bridge council closed the night harbour plan.",
	} {
		s.upsert(t, &accordv1.Document{Name: name(id), LanguageCode: "en", Text: text})
	}
	for _, mode := range []accordv1.SearchMode{hybridMode, lexicalMode} {
		for _, test := range []struct{ query, first, unmatched string }{
			{`"close the harbour bridge"`, "p1", ""},
			{`what of “close the harbour bridge” and a new plan`, "p1", ""},
			{`"night harbour plan"`, "p3", ""},
			{`"night harbour bridge"`, "", "night harbour bridge"},
			{`plan "to the"`, "", ""},
			{`"the council plans" "no such words"`, "p2", "no such words"},
		} {
			got := s.ask(t, &accordv1.SearchRequest{Query: test.query, Mode: mode})
			if unmatched := strings.Join(got.GetSearchInfo().GetUnmatchedPhrases(), "|"); unmatched != test.unmatched {
				t.Errorf("%v %s: unmatched %q, want %q", mode, test.query, unmatched, test.unmatched)
			}
			if len(got.GetResults()) == 0 || test.first != "" && got.GetResults()[0].GetDocument().GetName() != name(test.first) {
				t.Errorf("%v %s: %v, want %s first", mode, test.query, got.GetResults(), test.first)
			}
		}
	}
}

// TestNamedArticlesByScript: articles are found by number in the notations of many
// languages, and articles in the question's language come first.
func TestNamedArticlesByScript(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for id, d := range map[string][2]string{
		"ar": {"ar", "المادة ٤\nتفتح الموانئ.\n\nالمادة ٥\nيدعم الطرفان التجارة.\n\nالمادة ٦\nيسري الاتفاق."},
		"ru": {"ru", "Статья 4. Порты открыты.\n\nСтатья 5. Торговля растёт.\n\nСтатья 6. Договор действует."},
		"de": {"de", "§ 4 Die Häfen sind offen.\n\n§ 5 Der Handel wächst.\n\n§ 6 Der Vertrag gilt."},
		"en": {"en", "Article IV. Ports are open.\n\nArticle V. Trade grows.\n\nArticle VI. The treaty applies."},
	} {
		s.upsert(t, &accordv1.Document{Name: name(id), LanguageCode: d[0], Text: d[1]})
	}
	for _, test := range []struct {
		query, language, first string
		named                  int
	}{
		{"المادة ٥", "ar", "ar المادة ٥", 4},
		{"статья 5", "ru", "ru Статья 5", 4},
		{"§ 6", "de", "de § 6", 4},
		{"Article five", "en", "en Article V", 4},
		{"articles 4 and 6", "en", "en Article IV", 8},
		{"статья 5", "", "ru Статья 5", 4},
		{"§ 6", "", "de § 6", 4},
		{"Article five", "", "en Article V", 4},
		{"article 5", "", "en Article V", 4},
	} {
		got := s.ask(t, &accordv1.SearchRequest{Query: test.query, QueryLanguageCode: test.language, Mode: lexicalMode}).GetResults()
		named := slices.DeleteFunc(slices.Clone(got), func(r *accordv1.SearchResult) bool { return !r.GetScores().GetNamedArticle() })
		if len(named) != test.named {
			t.Errorf("%s: %d named articles, want %d", test.query, len(named), test.named)
		}
		if len(got) == 0 {
			continue
		}
		if first := strings.TrimPrefix(got[0].GetDocument().GetName(), name("")) + " " + got[0].GetPassage().GetLabel(); first != test.first && test.named == 4 {
			t.Errorf("%s: first result %s, want %s", test.query, first, test.first)
		}
	}
}

// TestLanguageTags: language tags of filters and queries are canonicalised as those of
// documents are, and unknown tags are refused with a hint.
func TestLanguageTags(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, &accordv1.Document{Name: name("he"), LanguageCode: "iw", Text: "שלום לכולם."})
	for _, tag := range []string{"he_IL", "iw"} {
		filter := &accordv1.Filter{Languages: []string{tag[:2]}}
		if found := s.ask(t, &accordv1.SearchRequest{Query: "שלום", Filter: filter, QueryLanguageCode: tag}); len(found.GetResults()) != 1 {
			t.Errorf("%s: found %v", tag, found.GetResults())
		}
	}
	s.upsert(t, &accordv1.Document{Name: name("brazil"), LanguageCode: "pt_BR", Text: "Bom dia a todos."})
	filter := &accordv1.Filter{Languages: []string{"pt_BR"}}
	if found := s.ask(t, &accordv1.SearchRequest{Query: "dia", Filter: filter}); len(found.GetResults()) != 1 {
		t.Errorf("pt_BR: found %v", found.GetResults())
	}
	filter = &accordv1.Filter{Languages: []string{"iw"}}
	list, err := s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: filter})
	if err != nil || len(list.GetDocuments()) != 1 {
		t.Errorf("listed %v, error %v", list.GetDocuments(), err)
	}
	_, err = s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x", QueryLanguageCode: "english"})
	checkFailure(t, err, invalid("query_language_code"))
	filter.Languages[0] = "chinese"
	_, err = s.search.ListDocuments(callContext(t), &accordv1.ListDocumentsRequest{Filter: filter})
	checkFailure(t, err, invalid("filter.languages"))
}
