package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/document"
)

// TestNearlyEqualSets: as Jaccard's index says, and only if one holds the other.
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
		one, two := bitsOf(left), bitsOf(right)
		if got := set.nearly(other) && !one.apart(&two); got != want {
			t.Fatalf("%d shared, %d and %d not: %v, want %v", shared, a, b, got, want)
		}
		if want {
			equal++
		}
	}
	if equal < 1000 {
		t.Errorf("only %d of 10,000 pairs are nearly equal", equal)
	}
}

// BenchmarkSuspects compares 300 passages of 80 terms of which none is a copy.
func BenchmarkSuspects(b *testing.B) {
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
		suspects(list, terms)
	}
}
