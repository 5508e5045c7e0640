package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkArticles checks questions that name an article of the joint statements in the seeds,
// in several languages. They find that article in each statement that has it. If a question
// names a year, the article of that year comes first.
func checkArticles(t *testing.T, addr string) {
	t.Helper()
	for question, want := range map[string][]string{
		"第三条":                             {"三 2015", "三 2016"},
		"Article 3 of the 2016 statement": {"三 2016", "三 2015"},
		"artículo 12 de la declaración conjunta de 2015":  {"十二 2015", "十二 2016"},
		"第十二条 2015年":                                      {"十二 2015", "十二 2016"},
		"what does article 21 of the joint statement say": {"二十一 2016"},
	} {
		var got []string
		for _, r := range results(t, addr, question) {
			if r.GetScores().GetNamedArticle() {
				got = append(got, r.GetPassage().GetLabel()+" "+r.GetDocument().GetPublishTime().AsTime().Format("2006"))
			}
		}
		if !strings.Contains(question, "201") {
			slices.Sort(got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", question, diff)
		}
	}
}
