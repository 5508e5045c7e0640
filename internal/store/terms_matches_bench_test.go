package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// BenchmarkMatches searches 100,000 passages of 45 words with questions of 12 words. The
// words are as frequent as in natural language. It reports the recall of questions of 1 to
// 12 words: the share of the first hundred results of comparing all passages that the
// search returns too.
func BenchmarkMatches(b *testing.B) {
	s := storetest.Open(b, store.Config{Timeout: 10 * time.Minute, ExactPassages: 1_000_000}) // with a filter, all passages are compared
	sp := newCollection(b, s, "c")
	r := newRand()
	words := rand.NewZipf(r, 1.05, 4, 50_000)
	text := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("w%d", words.Uint64())
		}
		return strings.Join(list, " ")
	}
	const documents, passages = 100, 1000
	var questions []string
	for i := range documents {
		texts := make([]string, passages)
		for p := range texts {
			texts[p] = text(45)
		}
		questions = append(questions, strings.Join(strings.Fields(texts[0])[:12], " "))
		if _, _, err := s.ReplaceDocument(b.Context(), sp, newDocument("c", fmt.Sprintf("d%d", i), r, texts...)); err != nil {
			b.Fatal(err)
		}
	}
	sp, err := s.ActiveSpace(b.Context(), "c")
	if err != nil {
		b.Fatal(err)
	}
	if err := s.KeepTerms(b.Context(), sp); err != nil {
		b.Fatal(err)
	}
	if sp, err = s.ActiveSpace(b.Context(), "c"); err != nil { // reads the space again, now with its postings
		b.Fatal(err)
	}
	ask := func(text string, f document.Filter) (map[string]lexical.Query, []document.Match) {
		queries := question(b, s, sp, text)
		list, _, err := s.Matches(b.Context(), sp, queries, f, 100)
		if err != nil {
			b.Fatal(err)
		}
		return queries, list
	}
	b.Run("postings", func(b *testing.B) {
		n := 0
		for b.Loop() {
			ask(questions[n%len(questions)], document.Filter{})
			n++
		}
		for _, words := range []int{1, 2, 3, 4, 6, 12} {
			found, all := 0, 0
			for _, text := range questions[:40] {
				text = strings.Join(strings.Fields(text)[:words], " ")
				_, near := ask(text, document.Filter{})
				got := map[document.PassageKey]bool{}
				for _, m := range near {
					got[m.PassageKey] = true
				}
				_, exact := ask(text, document.Filter{Sources: []string{"Wire"}}) // the filter matches all passages
				for _, m := range exact {
					all++
					// The search may name another passage with the same score.
					if got[m.PassageKey] || m.Score == near[len(near)-1].Score {
						found++
					}
				}
			}
			b.ReportMetric(float64(found)/float64(all), fmt.Sprintf("recall/%d-words", words))
		}
	})
	b.Run("all passages", func(b *testing.B) {
		n := 0
		for b.Loop() {
			ask(questions[n%len(questions)], document.Filter{Sources: []string{"Wire"}})
			n++
		}
	})
}
