package driver_test

import (
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
)

func TestLeastLimit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		limits []int
		want   int
	}{
		{nil, 0}, {[]int{0, 0}, 0}, {[]int{512}, 512}, {[]int{0, 512}, 512}, {[]int{512, 0}, 512}, {[]int{512, -1, 256, 1024}, 256},
	} {
		if got := driver.LeastLimit(tc.limits...); got != tc.want {
			t.Errorf("LeastLimit(%v) = %d, want %d", tc.limits, got, tc.want)
		}
	}
}
