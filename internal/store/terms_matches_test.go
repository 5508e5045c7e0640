package store_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// vocabulary has the words of random sentences. Some are far more frequent than others.
// Some have other terms in some languages, or are stop words there.
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

// TestMatchesAreBM25 checks that matches and their scores are those of BM25 over all
// passages. It does so with every filter, after writes, updates to another language and
// deletions, before and after KeepTerms.
func TestMatchesAreBM25(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sp := newCollection(t, s, "c")
	all := map[string]document.Indexed{}
	for _, in := range corpusOf(t, s, sp, 60) {
		all[in.Document.ID] = in
	}
	check := func(stage string) {
		if sp, err = s.ActiveSpace(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
		lengths := averages(t, url, "c")
		for name, f := range filters {
			for _, text := range questions {
				queries := question(t, s, sp, text)
				got, _, err := s.Matches(t.Context(), sp, queries, f.filter, 1000)
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(bm25(all, lengths, text, 1000, f.keep), ties(got), nearly, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, filter %s, %q (-want +got):\n%s", stage, name, text, diff)
				}
			}
		}
	}
	check("written")
	if err := s.KeepTerms(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	check("kept")
	for i, id := range slices.Sorted(maps.Keys(all)) {
		in := all[id]
		switch i % 4 {
		case 0:
			err = s.DeleteDocument(t.Context(), "c", id, "")
			delete(all, id)
		case 1: // the same text in another language
			in.Document.LanguageCode, in.Document.Source = "es", "Gazette"
			in.Passages = slices.Clone(in.Passages)
			for p := range in.Passages {
				in.Passages[p].LanguageCode = "es"
			}
			in.Document.ETag += " changed"
			_, _, err = s.ReplaceDocument(t.Context(), sp, in)
			all[id] = in
		case 2: // another text
			in = newDocument("c", id, newRand(), "extradition "+strings.Repeat("water energy ", 40))
			in.Document.PublishTime, in.Document.PublishPrecision = time.Time{}, document.PrecisionUnknown
			_, _, err = s.ReplaceDocument(t.Context(), sp, in)
			all[id] = in
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	check("changed")
	before := averages(t, url, "c")
	if err := s.KeepTerms(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	if gocmp.Equal(before, averages(t, url, "c")) {
		t.Error("the reference lengths did not change although passages became far longer")
	}
	check("changed and kept")
}

// TestScores checks that passages read by key have the same scores as in the list of
// matches, and that deleted passages are left out.
func TestScores(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	corpusOf(t, s, sp, 40)
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	queries := question(t, s, sp, "water border 合作")
	want, _, err := s.Matches(t.Context(), sp, queries, document.Filter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	keys := []document.PassageKey{{Document: "missing"}}
	scores := map[document.PassageKey]float64{}
	for _, m := range want {
		keys, scores[m.PassageKey] = append(keys, m.PassageKey), m.Score
	}
	got, err := s.PassageTerms(t.Context(), sp, queries, keys)
	if err != nil {
		t.Fatal(err)
	}
	for key, terms := range got {
		if terms.Score != scores[key] {
			t.Errorf("%v scores %v, want %v", key, terms.Score, scores[key])
		}
		delete(scores, key)
	}
	if len(scores) > 0 || len(want) == 0 {
		t.Errorf("of %d matches, these have no score: %v", len(want), scores)
	}
}

// TestMatchesOtherWriting checks traditional and simplified characters, full-width and
// other forms, words with and without accents, and an article by its number.
func TestMatchesOtherWriting(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	for id, text := range map[string]string{
		"traditional": "雙方同意升級自由貿易協定", "full-width": "ＡＰＥＣ于２０１６年通过", "accents": "La cooperación económica", "article": "第三条 双方加强引渡合作", "other": "完全不同 algo distinto", "no terms": "… — 🙂",
	} {
		in := newDocument("c", id, newRand(), text)
		in.Document.LanguageCode = map[bool]string{true: "es", false: "zh"}[id == "accents"]
		in.Passages[0].LanguageCode = in.Document.LanguageCode
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
	}
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"自由贸易协定升级": "traditional", "apec 2016": "full-width", "cooperaciones economica": "accents", "Article 3": "article", //nolint:misspell // not English
	} {
		got, _, err := s.Matches(t.Context(), sp, question(t, s, sp, text), document.Filter{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || !slices.ContainsFunc(got, func(m document.Match) bool { return m.Document == want }) {
			t.Errorf("%q found %+v, want %s", text, got, want)
		}
	}
}

// TestTermsOfOnePassage checks a passage with more terms than pgvector's type can hold.
func TestTermsOfOnePassage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	sp := newCollection(t, s, "c")
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "w%d ", i)
	}
	if _, _, err := s.ReplaceDocument(t.Context(), sp, newDocument("c", "d", newRand(), text.String()+"w7")); err != nil {
		t.Fatal(err)
	}
	sp, err := s.ActiveSpace(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := s.Matches(t.Context(), sp, question(t, s, sp, "w7"), document.Filter{}, 3)
	if err != nil || len(got) != 1 {
		t.Errorf("got %+v, error %v, want the passage by the term that weighs most in it", got, err)
	}
}
