package chunk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestSectionsAsArticles checks when numbers such as "Section 1" and "1 kap. 1 §" begin articles.
func TestSectionsAsArticles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want []string }{
		"text in the same paragraph": {
			[]string{"Section 1. Short title. " + article(1), "(a) a quay is part of a harbour;", "Section 2. " + article(2)},
			[]string{"ARTICLE Section 1", "ARTICLE Section 2"},
		},
		"names on the same line": {
			[]string{"CHAPTER I", "SEC. 1. Short title", article(1), "CHAPTER II", "SEC. 2. Fees", article(2), article(3)},
			[]string{"HEADING", "ARTICLE SEC. 1", "HEADING", "ARTICLE SEC. 2"},
		},
		"names below the numbers": {
			[]string{"Section 1", "Short title", article(1), "Section 2", "Fees", "(1) " + article(2), "(2) " + article(3)},
			[]string{"ARTICLE Section 1", "ARTICLE Section 2"},
		},
		"rules": {
			[]string{"Rule 1 Purpose", article(1), "Rule 2 Leads", article(2)},
			[]string{"ARTICLE Rule 1", "ARTICLE Rule 2"},
		},
		"in Malay": {
			[]string{"Seksyen 1", article(1), "Seksyen 2", article(2)},
			[]string{"ARTICLE Seksyen 1", "ARTICLE Seksyen 2"},
		},
		"below numbers of chapters": {
			[]string{"1 kap. 1 § " + article(1), "1 kap. 2 § " + article(2), "2 kap. 1 § " + article(3)},
			[]string{"ARTICLE 1 kap. 1 §", "ARTICLE 1 kap. 2 §", "ARTICLE 2 kap. 1 §"},
		},
		"above articles of another word": {
			[]string{"Section 1", "Article 1", article(1), "Section 2", "Article 2", article(2)},
			[]string{"HEADING", "ARTICLE Article 1", "HEADING", "ARTICLE Article 2"},
		},
		"above numbered items": {
			[]string{"Section 1 General", "1. " + article(1), "2. " + article(2), "Section 2 Fees", "3. " + article(3)},
			[]string{"HEADING", "ARTICLE 1", "ARTICLE 2", "HEADING", "ARTICLE 3"},
		},
		"of a report": {
			append(append([]string{"Section 1 Introduction"}, strings.Split(strings.Repeat(article(1)+"|", 7)+"Section 2 Ships", "|")...), strings.Split(strings.Repeat(article(2)+"|", 7)+article(3), "|")...),
			append(append([]string{"HEADING"}, strings.Fields(strings.Repeat("PARAGRAPH ", 7))...), strings.Fields("HEADING "+strings.Repeat("PARAGRAPH ", 8))...),
		},
		"list of contents": {
			[]string{"Section 1", "Section 2", "Section 3", article(1)},
			[]string{"HEADING", "HEADING", "HEADING", "PARAGRAPH"},
		},
		"only one": {
			[]string{"Section 1. " + article(1), article(2)},
			[]string{"PARAGRAPH", "PARAGRAPH"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range Passages(document.Document{Text: strings.Join(tc.text, "\n\n"), LanguageCode: "en"}) {
				got = append(got, strings.TrimSpace(p.Kind.String()+" "+p.Label))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("kinds and labels (-want +got):\n%s", diff)
			}
		})
	}
}
