package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestRelevanceDoesNotDependOnOrder checks with the real model that the same passages have
// the same relevance, whatever the order in which they were imported, and whatever was asked
// before. No document is in the language of some questions.
func TestRelevanceDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	addr := serveJudged(t, realModel(t),
		"--query-vector-timeout", "2m", "--embedding-query-timeout", "2m", "--embedding-passage-timeout", "5m")
	files := []string{
		filepath.Join(seeds, "001_940c34e1303d4d38.txt"),
		filepath.Join(seeds, "002_a9c9c4e04ece38f6.txt"),
	}
	questions := []string{
		"qué se acordó sobre economía digital", "was wurde zur digitalen Wirtschaft vereinbart",
		"che cosa è stato concordato sull'economia digitale", "what was agreed on digital economy",
	}
	ask := func(collection string) map[string]map[string]float64 {
		answers := map[string]map[string]float64{}
		for _, question := range questions {
			answers[question] = map[string]float64{}
			for _, result := range results(t, addr, "--collection", collection, question) {
				p := result.GetPassage()
				answers[question][filepath.Base(result.GetDocument().GetName())+p.GetText()] = float64(result.GetScores().GetRelevance())
			}
		}
		return answers
	}
	load := func(collection string) {
		mustAccord(t, "collection", "create", collection, "--addr", addr)
		for _, file := range files {
			mustAccord(t, "ingest", "--addr", addr, "--collection", collection, file)
		}
	}
	load("first")
	once := ask("first")
	alike := cmpopts.EquateApprox(0, .001)
	if diff := cmp.Diff(once, ask("first"), alike); diff != "" {
		t.Errorf("relevance when asked first and again (-first +again):\n%s", diff)
	}
	slices.Reverse(files)
	slices.Reverse(questions)
	load("second")
	if diff := cmp.Diff(once, ask("second"), alike); diff != "" {
		t.Errorf("relevance in two orders (-one +other):\n%s", diff)
	}
}
