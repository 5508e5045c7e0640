package backfill

import (
	"slices"
	"testing"
	"time"
)

// TestOutages checks that the pause of a collection grows, that an outage is reported as
// new once, and that only one worker tests whether it has ended.
func TestOutages(t *testing.T) {
	t.Parallel()
	o := outages{first: 20 * time.Millisecond, byCollection: map[string]*outage{}}
	rests := func(want ...string) {
		t.Helper()
		if got := o.resting(); !slices.Equal(got, want) {
			t.Errorf("resting %v, want %v", got, want)
		}
	}
	if o.beginTry("c") {
		t.Error("there is no outage yet")
	}
	rests()
	for n, want := range []time.Duration{20 * time.Millisecond, 40 * time.Millisecond} {
		if pause, first := o.add("c"); pause != want || first != (n == 0) {
			t.Errorf("outage %d: %v, first %v", n, pause, first)
		}
		if pause, first := o.add("c"); pause != want || first {
			t.Errorf("outage %d met by another worker: %v, first %v", n, pause, first)
		}
		rests("c")
		time.Sleep(want + 10*time.Millisecond)
		rests()
		o.beginTry("c")
		rests("c")
		o.endTry("c")
		rests()
	}
	if !o.end("c") || o.end("c") {
		t.Error("end does not report the end of the outage exactly once")
	}
	rests()
	o.byCollection["gone"] = &outage{until: time.Now().Add(-2 * forgetOutage)}
	rests()
	if len(o.byCollection) != 0 {
		t.Errorf("%d outages are left, want none", len(o.byCollection))
	}
}
