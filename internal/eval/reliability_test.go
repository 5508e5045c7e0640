package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReliability(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		results []FirstResult
		ece     float64
		chance  float64     // expected ECE
		bins    map[int]Bin // other bins are empty
	}{
		{name: "none"},
		{
			name: "by hand", // .5·|.225 − .5| + .25·|.5 − 1| + .25·|1 − 0|
			results: []FirstResult{
				{.2, true},
				{.25, false},
				{.5, true},
				{1, false},
			},
			ece: .5125,
			// Of .2 and .25, none, one or both are right with probability .6, .35 or .05.
			// These numbers differ by .45, .55 and 1.55 from the sum .45. The result with .5
			// differs by .5 in any case, and that with 1 never.
			chance: (.6*.45 + .35*.55 + .05*1.55 + .5) / 4,
			bins: map[int]Bin{
				2: {Results: 2, MeanRelevance: .225, ShareRight: .5},
				5: {Results: 1, MeanRelevance: .5, ShareRight: 1},
				9: {Results: 1, MeanRelevance: 1},
			},
		},
		{
			name:    "as sure as right",
			results: []FirstResult{{0, false}, {.75, true}, {.75, true}, {.75, true}, {.75, false}},
			// 0 to 4 of the four results with .75 are right with probabilities of 1, 12, 54,
			// 108 and 81 in 256. The expected number is 3.
			chance: (1*3 + 12*2 + 54*1 + 108*0 + 81*1) / 256. / 5,
			bins:   map[int]Bin{0: {Results: 1}, 7: {Results: 4, MeanRelevance: .75, ShareRight: .75}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := Reliability{Results: len(tc.results), ECE: tc.ece, ExpectedECE: tc.chance, Bins: make([]Bin, 10), Relevances: []float64{}}
			for _, r := range tc.results {
				want.Relevances = append(want.Relevances, r.Relevance)
			}
			for i := range want.Bins {
				want.Bins[i] = tc.bins[i]
				want.Bins[i].From, want.Bins[i].To = float64(i)/10, float64(i+1)/10
			}
			if diff := cmp.Diff(want, NewReliability(tc.results), closeTo); diff != "" {
				t.Errorf("NewReliability (-want +got):\n%s", diff)
			}
			for n := range tc.results {
				joined := NewReliability(tc.results[:n]).With(NewReliability(tc.results[n:]))
				if diff := cmp.Diff(want, joined, closeTo); diff != "" {
					t.Errorf("first %d With the others (-want +got):\n%s", n, diff)
				}
			}
		})
	}
}
