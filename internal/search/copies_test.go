package search

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestNearlyEqualSets checks nearlyEqual by the Jaccard index, and by whether one set
// contains the other.
func TestNearlyEqualSets(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for range 10_000 {
		shared, a, b := random.IntN(60), random.IntN(4), random.IntN(4)
		var left, right []int32
		for term := range int32(shared + a + b) {
			if term < int32(shared+a) {
				left = append(left, term*7919%997)
			}
			if term < int32(shared) || term >= int32(shared+a) {
				right = append(right, term*7919%997)
			}
		}
		slices.Sort(left)
		slices.Sort(right)
		want := min(shared+a, shared+b) >= fewestTerms && 10*shared >= 9*(shared+a+b) && (a == 0 || b == 0)
		set, other := termSet{document.PassageTerms{IDs: left}}, termSet{document.PassageTerms{IDs: right}}
		one, two := document.SignatureOf(left), document.SignatureOf(right)
		if got := set.nearlyEqual(other) && !one.Differs(&two); got != want {
			t.Fatalf("%d shared terms, %d and %d others: nearly equal %v, want %v", shared, a, b, got, want)
		}
		if want {
			equal++
		}
	}
	if equal < 1000 {
		t.Errorf("only %d of 10,000 pairs are nearly equal", equal)
	}
}

// TestCountsDiffer: passages with the same terms and length differ if each has some term
// more often than the other. Passages of different lengths do not differ by that alone.
func TestCountsDiffer(t *testing.T) {
	t.Parallel()
	passage := func(text string, average float64) termSet {
		terms := lexical.Terms(text, "en")
		weights := lexical.Weights(terms, average)
		s := termSet{document.PassageTerms{IDs: slices.Sorted(maps.Keys(weights)), Length: len(terms)}}
		for _, id := range s.IDs {
			s.Weights = append(s.Weights, weights[id])
		}
		return s
	}
	const text = "ports rivers roads ships trains ports rivers"
	for _, test := range []struct {
		what, other string
		average     float64
		want        bool
	}{
		{"same", text, 7, true},
		{"another order", "rivers ports roads ships trains rivers ports", 7, true},
		{"weighed against another length", text, 9, true},
		{"another word twice", "ports rivers roads ships trains ports roads", 7, false},
		{"another word twice, weighed against another length", "ports rivers roads ships trains ports roads", 7.001, false},
		{"longer", text + " roads", 7, true},
	} {
		if got := passage(text, 7).nearlyEqual(passage(test.other, test.average)); got != test.want {
			t.Errorf("%s: nearly equal %v, want %v", test.what, got, test.want)
		}
	}
}

// comparePairs returns the pairs of a list that are alike.
func comparePairs(list []ranked, terms map[document.PassageKey]document.PassageTerms) (pairs map[int][]int, keys []document.PassageKey) {
	sign(list, terms)
	return alikeByTerms(list, alikeBySignature(list), terms)
}

// TestComparePairs checks that the pairs are all those in one language that nearlyEqual
// reports.
func TestComparePairs(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	list, terms := make([]ranked, 200), map[document.PassageKey]document.PassageTerms{}
	want, found := map[int][]int{}, 0
	for i := range list {
		list[i] = ranked{PassageKey: key(fmt.Sprint(i)), Language: []string{"en", "zh"}[random.IntN(2)]}
		var ids []int32
		for id := range int32(20) {
			ids = append(ids, 1_000*int32(i%5)+7*id)
		}
		for range random.IntN(3) { // a passage without additional terms is contained in others
			ids = append(ids, 10_000+random.Int32N(1_000))
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		terms[list[i].PassageKey] = document.PassageTerms{IDs: ids, Length: i, Weights: make([]float32, len(ids))}
		for j := range i {
			if list[j].Language == list[i].Language && (termSet{terms[list[i].PassageKey]}).nearlyEqual(termSet{terms[list[j].PassageKey]}) {
				want[i], found = append(want[i], j), found+1
			}
		}
	}
	got, keys := comparePairs(list, terms)
	if diff := cmp.Diff(want, got); diff != "" || found < 1000 || len(keys) < 100 {
		t.Errorf("%d pairs of %d passages (-want +got):\n%s", found, len(keys), diff)
	}
}

// BenchmarkComparePairs compares 300 passages of 80 terms without copies.
func BenchmarkComparePairs(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]ranked, 300)
	terms := map[document.PassageKey]document.PassageTerms{}
	for i := range list {
		list[i] = ranked{PassageKey: key(fmt.Sprint(i)), Language: "en"}
		var set []int32
		for range 60 + random.IntN(40) {
			set = append(set, random.Int32N(20_000))
		}
		slices.Sort(set)
		terms[list[i].PassageKey] = document.PassageTerms{IDs: slices.Compact(set)}
	}
	for b.Loop() {
		comparePairs(list, terms)
	}
}
