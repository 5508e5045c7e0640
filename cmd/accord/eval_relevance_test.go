package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// relevanceQueries have their first results over seeds/ kept in a golden file: a
// document's id, a passage's ordinal and its label. Scores differ between
// machines, and stay out.
var relevanceQueries = []string{
	"what was agreed on digital economy",
	"数字经济方面达成了哪些共识",
	"qué se acordó sobre la economía digital",
	"extradition treaty and mutual legal assistance in criminal matters",
	"upgrade of the China-Peru free trade agreement",
	"position on reform of the United Nations",
	"deep-water port of Chancay",
	"两洋铁路项目可行性研究",
	"中秘建交五十周年",
	"增加给秘鲁学生的奖学金名额",
	"¿Qué posición tiene el Perú sobre el principio de una sola China y Taiwán?",
	"importación de productos agrícolas peruanos por China", //nolint:misspell // not English
	"cooperación en inteligencia artificial",
}

// checkRelevance shows what a change of ranking does to the first results over
// seeds/, which a server holds.
func checkRelevance(t *testing.T, addr string) {
	t.Helper()
	conn, err := clientFlags{Addr: addr}.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := accordv1.NewSearchServiceClient(conn)
	var got strings.Builder
	for _, query := range relevanceQueries {
		answer, err := client.Search(t.Context(), &accordv1.SearchRequest{
			Query: query, PageSize: 5, OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL,
		})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		fmt.Fprintf(&got, "%s\n", query)
		for i, result := range answer.GetResults() {
			_, id, _ := document.ParseName(result.GetDocument().GetName())
			p := result.GetPassage()
			fmt.Fprintf(&got, "%s\n", strings.TrimRight(fmt.Sprintf("  %d. %s %d %s", i+1, id, p.GetOrdinal(), p.GetLabel()), " "))
		}
		got.WriteString("\n")
	}
	golden(t, "relevance.golden", got.String())
}
