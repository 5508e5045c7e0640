package search_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
)

// TestNamesOfDocuments: a passage that lacks a name of the query is not marked down if the
// title or another passage of its document has the name. Documents are read only if a found
// passage lacks a name.
func TestNamesOfDocuments(t *testing.T) {
	t.Parallel()
	key := document.PassageKey{Document: "a", Ordinal: 1}
	const query = "tariffs agreed with Lima"
	relevance := func(f *fakes, query string) float32 {
		t.Helper()
		f.near = map[document.PassageKey]float64{key: .5}
		f.words = map[document.PassageKey]float64{key: 9}
		f.weak = f.words
		f.texts = map[document.PassageKey]string{key: "The tariffs were agreed with Lisbon."}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Limit: 1})
		if err != nil || len(answer.Entries) != 1 {
			t.Fatalf("%q: %d entries, error %v", query, len(answer.Entries), err)
		}
		return answer.Entries[0].Relevance
	}
	lacking := &fakes{}
	low := relevance(lacking, query)
	if diff := cmp.Diff([][]string{{"a"}}, lacking.namesRead); diff != "" {
		t.Errorf("documents read for names (-want +got):\n%s", diff)
	}
	for what, f := range map[string]*fakes{
		"title":           {titles: map[string]string{"a": "Treaty with Lima"}},
		"another passage": {documents: map[string]string{"a": "Lima is the capital."}},
	} {
		if high := relevance(f, query); high <= low {
			t.Errorf("with the name in the %s: relevance %v, without it %v", what, high, low)
		}
	}
	known := func() *fakes { return &fakes{holding: map[string]string{"en": "tariffs agreed Lisbon"}} }
	other, misspelt := relevance(known(), query), relevance(known(), "tariffs agreed with Lisbno")
	if misspelt <= other {
		t.Errorf("with a misspelt name: relevance %v, with another one %v", misspelt, other)
	}
	other, misspelt = relevance(known(), "salary agreed with Lisbon"), relevance(known(), "tarifs agreed with Lisbon")
	if misspelt <= other {
		t.Errorf("with a misspelt word: relevance %v, with one that nothing has %v", misspelt, other)
	}
	held := &fakes{}
	relevance(held, "tariffs agreed with Lisbon")
	if len(held.namesRead) > 0 {
		t.Errorf("documents read for a name that the passage holds: %v", held.namesRead)
	}
}

// TestMisspeltWords: a passage counts as holding a misspelt word of a short query if no passage
// contains the word as it is spelt.
func TestMisspeltWords(t *testing.T) {
	t.Parallel()
	key := document.PassageKey{Document: "a", Ordinal: 1}
	relevance := func(query string) float32 {
		t.Helper()
		f := fakes{
			near: map[document.PassageKey]float64{key: .4}, holding: map[string]string{"en": "scholarships for students of medicine"},
			texts: map[document.PassageKey]string{key: "The parties exchange scholarships for students of medicine."},
		}
		answer, err := f.searcher().Search(t.Context(), search.Request{Query: query, Language: "en", Limit: 1})
		if err != nil || len(answer.Entries) != 1 {
			t.Fatalf("%q: %d entries, error %v", query, len(answer.Entries), err)
		}
		return answer.Entries[0].Relevance
	}
	right, misspelt, other := relevance("scholarships for students"), relevance("scholaships for studets"), relevance("fellowships for pupils")
	if misspelt < .5 || misspelt > right || other >= .5 {
		t.Errorf("relevance %v, misspelt %v, in other words %v; want a confident one only for the first two", right, misspelt, other)
	}
	question := "which of the many scholaships are there for all studets who come from abroad?"
	if got := relevance(question); got >= .5 {
		t.Errorf("%q: relevance %v; whole questions are not compared in this way", question, got)
	}
}
