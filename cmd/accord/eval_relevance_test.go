package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// relevanceQueries are the queries whose first results over seeds/ are in a golden file.
// The file has the document id, ordinal and label of each result. It has no scores, since
// they differ between machines.
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

// tie is the largest difference in fused score at which two results may change places. The
// vectors of the model differ slightly between processors.
const tie = 0.1

// checkRelevance compares the first results over the seeds with the golden file. The diff
// of that file shows the effect of a change of ranking.
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
			Query: query, OnEmbedderFailure: accordv1.OnEmbedderFailure_ON_EMBEDDER_FAILURE_FAIL,
		})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		fmt.Fprintf(&got, "%s\n%s\n", query, firstResults(query, answer.GetResults()))
	}
	golden(t, relevanceGolden, got.String())
}

const (
	relevanceGolden = "relevance.golden"
	keptResults     = 5 // for each query
)

// firstResults returns one line per result. If they differ from the golden file only in the
// order of ties, it returns the lines of the file.
func firstResults(query string, results []*accordv1.SearchResult) string {
	var lines []string
	fused := map[string]float32{}
	for _, result := range results {
		_, id, _ := document.ParseName(result.GetDocument().GetName())
		p := result.GetPassage()
		line := strings.TrimRight(fmt.Sprintf("%s %d %s", id, p.GetOrdinal(), p.GetLabel()), " ")
		lines, fused[line] = append(lines, line), result.GetScores().GetFused()
	}
	print := func(lines []string) string {
		var out strings.Builder
		for i, line := range lines[:min(keptResults, len(lines))] {
			fmt.Fprintf(&out, "  %d. %s\n", i+1, line)
		}
		return out.String()
	}
	data, err := os.ReadFile(filepath.Join("testdata", relevanceGolden))
	_, after, known := strings.Cut(string(data), query+"\n")
	if err != nil || *update || !known {
		return print(lines)
	}
	block, _, _ := strings.Cut(after, "\n\n")
	var kept []string
	for i, numbered := range strings.Split(block, "\n") {
		_, line, _ := strings.Cut(numbered, ". ")
		score, found := fused[line]
		if !found || i >= len(lines) || math.Abs(float64(score-fused[lines[i]])) > tie {
			return print(lines)
		}
		kept = append(kept, line)
	}
	return print(kept)
}
