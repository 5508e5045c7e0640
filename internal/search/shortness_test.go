package search

import (
	"math"
	"testing"
)

func TestShortness(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		query string
		want  float64
	}{
		{"mining", 1},
		{"扶贫", 1},
		{"digital economy, C-3 2019", .8},
		{"what was agreed on digital economy", .6},
		{"数字经济达成了哪些共识", 1 - (11/1.7-4)/5},
		{"When did the town council approve the new tram line?", 0},
		{"镇议会是什么时候批准新建有轨电车线路的？", 0},
		{"", 1},
	} {
		if got := shortness(tc.query); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%q: %v, want %v", tc.query, got, tc.want)
		}
	}
}
