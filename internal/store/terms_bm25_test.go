package store_test

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// vocabulary has the words of random sentences. Some words are far more frequent than
// others. Some have different terms in different languages, or are stop words in some of
// them.
var vocabulary = strings.Fields(`the trade of agreements economía digital 合作 协议 2016 cooperation cooperación Article climate
	finance rail port green Perú de 数字经济 APEC fund visa border extradition water energy`)

func sentence(r *rand.Rand) string {
	words := make([]string, 3+r.IntN(20))
	for i := range words {
		words[i] = vocabulary[min(r.IntN(len(vocabulary)), r.IntN(len(vocabulary)))]
	}
	return strings.Join(words, " ")
}

// question returns the query for each language from the terms of a text.
func question(t testing.TB, s *store.Store, sp space.Space, text string) map[string]lexical.Query {
	t.Helper()
	terms, ids := map[string][]lexical.Term{}, map[string][]int32{}
	for _, language := range sp.Terms.Languages {
		terms[language] = lexical.Terms(text, language)
		for _, term := range terms[language] {
			ids[language] = append(ids[language], term.ID())
		}
	}
	counts, err := s.TermCounts(t.Context(), sp, ids)
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]lexical.Query{}
	for language := range terms {
		queries[language] = lexical.NewQuery(terms[language], counts[language])
	}
	return queries
}

// bm25 ranks the passages for which keep returns true by the BM25 formula, with the
// given reference lengths.
func bm25(all map[string]document.Indexed, averages map[string]float64, text string, limit int, keep func(document.Document, document.Passage) bool) []document.Match {
	type read struct {
		document document.Document
		passage  document.Passage
		terms    []lexical.Term
	}
	byLanguage := map[string][]read{}
	for _, in := range all {
		for _, p := range in.Passages {
			language := document.PrimarySubtag(p.LanguageCode)
			byLanguage[language] = append(byLanguage[language], read{in.Document, p, lexical.Terms(p.Text, language)})
		}
	}
	var out []document.Match
	for _, language := range slices.Sorted(maps.Keys(byLanguage)) {
		n, df := 0, map[int32]int{}
		for _, r := range byLanguage[language] {
			if isRanked(r.passage) {
				n++
				for id := range lexical.Weights(r.terms, 1) {
					df[id]++
				}
			}
		}
		var list []document.Match
		for _, r := range byLanguage[language] {
			m := document.Match{PassageKey: document.PassageKey{Document: r.document.ID, Ordinal: r.passage.Ordinal}, Language: language}
			weights := lexical.Weights(r.terms, averages[language])
			for _, term := range lexical.Terms(text, language) {
				m.Score += lexical.IDF(df[term.ID()], n) * float64(weights[term.ID()])
			}
			if m.Score > 0 && keep(r.document, r.passage) {
				list = append(list, m)
			}
		}
		slices.SortFunc(list, func(a, b document.Match) int {
			// Sums of the same weights in different orders differ slightly.
			if d := a.Score - b.Score; d > 1e-4 || d < -1e-4 {
				return cmp.Compare(b.Score, a.Score)
			}
			return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
		})
		out = append(out, list[:min(limit, len(list))]...)
	}
	return out
}

// averages returns the reference lengths of a collection.
func averages(t testing.TB, url, collection string) map[string]float64 {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT language, average_length FROM term_languages WHERE collection_id = $1", collection)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	var (
		language string
		average  float64
	)
	if _, err := pgx.ForEachRow(rows, []any{&language, &average}, func() error { out[language] = average; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// nearly compares scores approximately. It ignores terms, since TestTermsOfMatches checks
// them.
var nearly = gocmp.Options{cmpopts.EquateApprox(0, 1e-3), cmpopts.IgnoreFields(document.Match{}, "Terms")}

// ties sorts passages whose scores differ only by rounding.
func ties(list []document.Match) []document.Match {
	slices.SortStableFunc(list, func(a, b document.Match) int {
		if d := a.Score - b.Score; a.Language != b.Language || d > 1e-4 || d < -1e-4 {
			return 0
		}
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return list
}

var questions = []string{"trade agreements", "数字经济合作", "cooperación economía digital", "the of de", "2016 2016 water border Article", "nothing that occurs here"}
