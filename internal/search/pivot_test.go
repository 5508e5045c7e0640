package search

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestCounterparts: the nearest passage of a language is a translation of the best one if it is
// near. It also is one if another language has a near translation, and the second passage of its
// own language is clearly less near.
func TestCounterparts(t *testing.T) {
	t.Parallel()
	type passage struct {
		id, language string
		likeness     float64
	}
	for name, test := range map[string]struct {
		others []passage
		want   []string
	}{
		"none":                            {nil, nil},
		"both near":                       {[]passage{{"b", "zh", .8}, {"c", "es", .6}}, []string{"a", "b", "c"}},
		"one near, one ahead of others":   {[]passage{{"b", "zh", .8}, {"c", "es", .45}, {"d", "es", .3}}, []string{"a", "b", "c"}},
		"one near, one of two alike":      {[]passage{{"b", "zh", .8}, {"d", "es", .4}, {"c", "es", .45}}, []string{"a", "b"}},
		"one near, one that did not move": {[]passage{{"b", "zh", .8}, {"c", "es", .3}}, []string{"a", "b"}},
		"ahead of others, but none near":  {[]passage{{"b", "zh", .5}, {"c", "es", .45}}, nil},
		"near in the same language":       {[]passage{{"b", "en", .8}, {"c", "es", .45}}, nil},
	} {
		best := ranked{PassageKey: key("a"), Language: "en"}
		list, likeness := []ranked{best}, map[document.PassageKey]float64{}
		for _, p := range test.others {
			r := ranked{PassageKey: key(p.id), Language: p.language}
			if likeness[r.PassageKey] = p.likeness; p.likeness > pivotFrom {
				r.Pivot = p.likeness
			}
			list = append(list, r)
		}
		for range 2 { // in any order
			var got []string
			for _, c := range counterpartsOf(best, list, likeness) {
				got = append(got, c.Document)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			slices.Reverse(list)
		}
	}
}
