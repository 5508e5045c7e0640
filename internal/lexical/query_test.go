package lexical_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/lexical"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	id := func(word string) int32 { return lexical.Term{Text: word}.ID() }
	counts := lexical.Counts{Passages: 100, Holding: map[int32]int{id("trade"): 60, id("peru"): 5, id("port"): 20}}
	q := lexical.NewQuery(terms([]string{"trade", "peru", "port", "peru", "absent"}), counts)
	for word, want := range map[string]float64{
		"trade": lexical.IDF(60, 100), "peru": 2 * lexical.IDF(5, 100), "absent": lexical.IDF(0, 100),
	} {
		if got := float64(q.Weights[id(word)]); math.Abs(got-want) > 1e-6 {
			t.Errorf("weight of %s = %v, want %v", word, got, want)
		}
	}
	if got, want := q.Bound(), 2.2*(lexical.IDF(60, 100)+2*lexical.IDF(5, 100)+lexical.IDF(20, 100)+lexical.IDF(0, 100)); math.Abs(got-want) > 1e-5 {
		t.Errorf("bound = %v, want %v", got, want)
	}
	all := []int32{id("absent"), id("peru"), id("port"), id("trade")}
	if diff := cmp.Diff(all, q.Terms()); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
	held := all[1:]
	for limit, want := range map[int][]int32{1: held[:1], 5: held[:1], 25: held[:2], 84: held[:2], 85: held, 100: held} {
		if diff := cmp.Diff(want, q.Rarest(limit)); diff != "" {
			t.Errorf("rarest within %d (-want +got):\n%s", limit, diff)
		}
	}
	if got := lexical.NewQuery(nil, counts).Rarest(10); len(got) != 0 {
		t.Errorf("rarest of no terms: %v", got)
	}
}

func TestQueryTerms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, want string }{
		{"harbour AND bridge OR port NOT sea", "harbour bridg[bridge] port sea"},
		{"NOT sea", "sea"},
		{"OR", "OR"},
		{" OR ", "OR"},
		{"NOT", "NOT"},
		{"AT", "AT"},
		{"ALL", "all[ALL]"},
		{"Salem OR", "salem[Salem] OR"},
		{"AND yet", "AND yet"},
		{"this or that port", "port"},
		{"LT628 brakes", "lt628[LT628] lt[LT628] 628[LT628] brake[brakes]"},
		{"LT-628", "lt[LT] lt628[LT-628] 628"},
		{"25kg", "25kg"},
		{"office365", "office365 offic[office365] 365[office365]"}, // "Office 365" has these terms
		{"LT007", "lt007[LT007] lt[LT007] 7[LT007]"},
		{"LT 628 brakes", "lt[LT] lt628[LT 628] 628 brake[brakes]"},
		{"the 628 LT", "628 lt[LT]"},
		{"LT1 LU2 LV3 LW4", "lt1[LT1] lu2[LU2] lv3[LV3] lw4[LW4]"},
	} {
		if diff := cmp.Diff(test.want, written(test.query, withoutInitials(lexical.QueryTerms(test.query, "en")))); diff != "" {
			t.Errorf("QueryTerms(%q) (-want +got):\n%s", test.query, diff)
		}
	}
}

// TestOtherForms checks that a query looks for other forms of Arabic and Hebrew words, and that
// NeededParts keeps only the forms that a passage has.
func TestOtherForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, query, text string }{
		{"ar", "دم", "الدم"},
		{"ar", "الدم", "دم"},
		{"ar", "الدم", "بالدم"},
		{"ar", "كتاب", "كتاباً"},
		{"ar", "كتابا", "كتاب"},
		{"ar", "الكتاب", "كتابًا"},
		{"he", "גן", "הגן"},
		{"he", "גן", "בגן"},
		{"he", "הגן", "גן"},
		{"he", "הגן", "לגן"},
		{"he", "ספריה", "ספרייה"},
		{"he", "הספרייה", "ספריה"},
	} {
		counts := countsOf(test.text, test.language)
		terms := lexical.QueryTerms(test.query, test.language)
		if needed := lexical.NeededParts(terms, counts); len(needed) != 2 || counts.Holding[needed[1].ID()] == 0 || !needed[1].Respelt {
			t.Errorf("%q has the terms %v for passages with %q", test.query, needed, test.text)
		}
	}
	for _, test := range []struct{ language, query, text string }{
		{"he", "חם", "לחם"}, // "hot" and "bread"
		{"he", "ים", "מים"},
		{"he", "היא", "יא"},
		{"ar", "كتاب", "كتب"},
		{"fa", "دم", "الدم"},
	} {
		counts := countsOf(test.text, test.language)
		if needed := lexical.NeededParts(lexical.QueryTerms(test.query, test.language), counts); len(needed) != 1 {
			t.Errorf("%q has the terms %v for passages with %q", test.query, needed, test.text)
		}
	}
}

// countsOf returns the counts of 60 passages, one of which has a text.
func countsOf(text, language string) lexical.Counts {
	counts := lexical.Counts{Passages: 60, Holding: map[int32]int{}}
	for _, term := range lexical.Terms(text, language) {
		counts.Holding[term.ID()] = 1
	}
	return counts
}

// withoutInitials removes the terms that TestAcronyms checks.
func withoutInitials(terms []lexical.Term) []lexical.Term {
	return slices.DeleteFunc(terms, func(t lexical.Term) bool { return t.Initials })
}

// TestAcronyms: a name finds its acronym, and an acronym the names with these initials, but names
// with the same initials share no term.
func TestAcronyms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ language, query, passage, want string }{
		{"en", "WTO", "the World Trade Office", "initials wto"},
		{"en", "wto", "the World Trade Office", "initials wto"},
		{"en", "WHO", "the World Health Office", "initials WHO"},
		{"en", "World Trade Office", "the WTO", "wto"},
		{"en", "World Health Office", "the WHO", "WHO"},
		{"es", "OMS", "la Organización Mundial de la Salud", "initials oms"},
		{"en", "WTO", "the WTO", "wto"},
		{"en", "United Nations", "Ursula Novak", ""},
		{"de", "Mountainbike Verleih", "Marc Vuillemin", ""},
		{"en", "World Trade Office", "the Western Tax Office", "offic"},
		{"ru", "Тарас Зуев", "Тимур Залесский", ""},
		{"en", "ministry", "Maria Ines Nunez Irala Solis Torres Ruiz Yanez", ""},
	} {
		passage := map[string]bool{}
		for _, term := range lexical.Terms(test.passage, test.language) {
			passage[term.Text] = true
		}
		var shared []string
		for _, term := range lexical.QueryTerms(test.query, test.language) {
			if passage[term.Text] {
				shared = append(shared, term.Text)
			}
		}
		if got := strings.Join(shared, ", "); got != test.want {
			t.Errorf("%q and %q share %q, want %q", test.query, test.passage, got, test.want)
		}
	}
}

// TestAcronymsThatNothingHas: NeededParts leaves out initials that no passage has.
func TestAcronymsThatNothingHas(t *testing.T) {
	t.Parallel()
	terms := lexical.QueryTerms("WTO", "en")
	for held, want := range map[string]int{"wto": 1, "initials wto": 2} {
		counts := lexical.Counts{Passages: 9, Holding: map[int32]int{lexical.Term{Text: held}.ID(): 1}}
		if got := len(lexical.NeededParts(terms, counts)); got != want {
			t.Errorf("with passages that have %q, %d terms are needed, want %d", held, got, want)
		}
	}
}

// TestNeededParts: the parts of a code are left out if some passage has the code as it is, and so is
// a code without its space if no passage has it.
func TestNeededParts(t *testing.T) {
	t.Parallel()
	const query = "LT628 brakes of AB12"
	id := func(word string) int32 { return lexical.Term{Text: word}.ID() }
	split := func(held string) string {
		counts := lexical.Counts{Passages: 60, Holding: map[int32]int{id(held): 1}}
		return written("LT 628", lexical.NeededParts(lexical.QueryTerms("LT 628", "en"), counts))
	}
	if with, without := split("lt628"), split("628"); with != "lt[LT] lt628[LT 628] 628" || without != "lt[LT] 628" {
		t.Errorf("a split code has %q if passages have it without a space, else %q", with, without)
	}
	for _, test := range []struct {
		held []string
		want string
	}{
		{nil, "lt628[LT628] lt[LT628] 628[LT628] brake[brakes] ab12[AB12] ab[AB12] 12[AB12]"},
		{[]string{"lt", "628", "brake"}, "lt628[LT628] lt[LT628] 628[LT628] brake[brakes] ab12[AB12] ab[AB12] 12[AB12]"},
		{[]string{"lt628", "628"}, "lt628[LT628] brake[brakes] ab12[AB12] ab[AB12] 12[AB12]"},
		{[]string{"lt628", "ab12"}, "lt628[LT628] brake[brakes] ab12[AB12]"},
	} {
		counts := lexical.Counts{Passages: 60, Holding: map[int32]int{}}
		for _, word := range test.held {
			counts.Holding[id(word)] = 1
		}
		if diff := cmp.Diff(test.want, written(query, lexical.NeededParts(lexical.QueryTerms(query, "en"), counts))); diff != "" {
			t.Errorf("held %q (-want +got):\n%s", test.held, diff)
		}
	}
}
