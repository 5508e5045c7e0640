package eval

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// closeTo ignores floating-point errors.
var closeTo = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })

func TestMeasure(t *testing.T) {
	t.Parallel()
	at := func(rank int) float64 { return 1 / math.Log2(float64(rank+1)) } // discount
	deep := slices.Concat(make([]int, 10), []int{1})
	for _, tc := range []struct {
		name          string
		gains, grades []int
		want          Measures
	}{
		{"nothing found", nil, []int{1}, Measures{}},
		{"perfect", []int{2, 1, 0}, []int{1, 2}, Measures{NDCG10: 1, MRR10: 1, Recall10: 1, Recall100: 1, MAP: 1, Hit1: 1}},
		{
			"second and fourth of three",
			[]int{0, 1, 0, 2},
			[]int{2, 1, 1},
			Measures{
				NDCG10: (at(2) + 2*at(4)) / (2 + at(2) + at(3)), MRR10: 0.5,
				Recall10: 2. / 3, Recall100: 2. / 3, MAP: (1./2 + 2./4) / 3,
			},
		},
		{"eleventh", deep, []int{1}, Measures{Recall100: 1, MAP: 1. / 11}},
		{"hundred and first", slices.Concat(make([]int, 100), []int{1}), []int{1}, Measures{MAP: 1. / 101}},
		{
			"eleven answers, ten of them first", slices.Repeat([]int{1}, 10), slices.Repeat([]int{1}, 11),
			Measures{NDCG10: 1, MRR10: 1, Recall10: 10. / 11, Recall100: 10. / 11, MAP: 10. / 11, Hit1: 1},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, measure(tc.gains, tc.grades), closeTo); diff != "" {
				t.Errorf("measure(%v, %v) (-want +got):\n%s", tc.gains, tc.grades, diff)
			}
		})
	}
}

func TestMean(t *testing.T) {
	t.Parallel()
	got := mean([]Measures{{NDCG10: 1, Hit1: 1}, {NDCG10: 0.5, MAP: 0.2}})
	want := Summary{Queries: 2, Measures: Measures{NDCG10: 0.75, Hit1: 0.5, MAP: 0.1}}
	if diff := cmp.Diff(want, got, closeTo); diff != "" {
		t.Errorf("mean (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Summary{}, mean(nil)); diff != "" {
		t.Errorf("mean of none (-want +got):\n%s", diff)
	}
}
