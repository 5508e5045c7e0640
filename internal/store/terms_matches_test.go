package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

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
