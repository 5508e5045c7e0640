package v1

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestFaultsInBounds: a request with faults in very many places, or nested very deeply, is
// refused with the first of them, in little memory. A usual request is refused with all.
// It is not parallel, since it measures memory.
func TestFaultsInBounds(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := func(n int) *accordv1.Filter {
		return &accordv1.Filter{Kinds: slices.Repeat([]accordv1.PassageKind{99}, n)}
	}
	deep := &accordv1.Condition{}
	for range 2000 {
		deep = &accordv1.Condition{Field: "source", Test: &accordv1.Condition_AnyCondition{AnyCondition: &accordv1.Conditions{Conditions: []*accordv1.Condition{deep}}}}
	}
	for what, test := range map[string]struct {
		filter *accordv1.Filter
		want   int
	}{
		"usual": {kinds(3), 3},
		"many":  {kinds(200_000), 1},
		"wide": {&accordv1.Filter{Conditions: []*accordv1.Condition{{Test: &accordv1.Condition_AnyCondition{AnyCondition: &accordv1.Conditions{
			Conditions: slices.Repeat([]*accordv1.Condition{{}}, 50_000),
		}}}}}, 1},
		"deep": {&accordv1.Filter{Conditions: []*accordv1.Condition{deep}}, 1},
	} {
		req := &accordv1.SearchRequest{Query: "x", Filter: test.filter}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := s.validate(req)
		runtime.ReadMemStats(&after)
		var invalid *invalidError
		if !errors.As(err, &invalid) || len(invalid.faults) != test.want {
			t.Errorf("%s: %v, want %d faults", what, err, test.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20+20*uint64(proto.Size(req)) {
			t.Errorf("%s: the check of %d bytes took %d bytes of memory", what, proto.Size(req), used)
		}
	}
}
