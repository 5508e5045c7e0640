package activation

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecentQueries(t *testing.T) {
	t.Parallel()
	r := newRecentQueries()
	for i := range recentPerCollection + 1 {
		r.add("a", fmt.Sprint(i))
	}
	r.add("a", "50")
	if diff := cmp.Diff([]string{"50", "100", "99"}, r.last("a", 3)); diff != "" {
		t.Errorf("last three (-want +got):\n%s", diff)
	}
	all := r.last("a", 1000)
	if len(all) != recentPerCollection || all[len(all)-1] != "1" {
		t.Errorf("%d queries kept, the oldest %q", len(all), all[len(all)-1])
	}
	if got := r.last("b", 3); len(got) != 0 {
		t.Errorf("queries of another collection: %q", got)
	}
	for i := range recentCollections {
		r.add(fmt.Sprint("c", i), "x")
	}
	if got := r.last("a", 3); len(got) != 0 {
		t.Errorf("queries of the least recently used collection: %q", got)
	}
}
