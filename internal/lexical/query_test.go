package lexical_test

import (
	"math"
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
		{"LT1 LU2 LV3 LW4", "lt1[LT1] lu2[LU2] lv3[LV3] lw4[LW4]"},
	} {
		if diff := cmp.Diff(test.want, written(test.query, lexical.QueryTerms(test.query, "en"))); diff != "" {
			t.Errorf("QueryTerms(%q) (-want +got):\n%s", test.query, diff)
		}
	}
}

// TestNeededParts: the parts of a code are left out if some passage has the code as it is.
func TestNeededParts(t *testing.T) {
	t.Parallel()
	const query = "LT628 brakes of AB12"
	id := func(word string) int32 { return lexical.Term{Text: word}.ID() }
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
