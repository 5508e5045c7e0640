package v1

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPace: more documents are worked on as long as each is done promptly, and fewer
// if not; texts are bounded, one aside.
func TestPace(t *testing.T) {
	t.Parallel()
	p := newPace()
	for range 3 * importsInFlight {
		if !p.admit(1) {
			t.Fatal("nothing is worked on, and yet it waits")
		}
		p.end(1, promptly)
	}
	for n := range importsInFlight {
		if !p.admit(1) {
			t.Fatalf("no more than %d at once", n)
		}
	}
	if p.admit(1) {
		t.Errorf("more than %d at once", importsInFlight)
	}
	for range importsInFlight {
		p.end(1, promptly+1)
	}
	for n := range firstInFlight {
		if !p.admit(1) {
			t.Fatalf("no more than %d at once", n)
		}
	}
	if p.admit(1) {
		t.Errorf("more than %d at once of slow ones", firstInFlight)
	}
	for range firstInFlight {
		p.end(1, promptly)
	}
	if !p.admit(2*bytesInFlight) || p.admit(1) {
		t.Error("a long text goes alone")
	}
}

// TestPaceWaits: whoever waits goes on when another has ended, or when the call ends.
func TestPaceWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		for range firstInFlight {
			if err := p.begin(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Second, func() { p.end(1, time.Minute) })
		if err := p.begin(t.Context(), 1); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.begin(ctx, 1); err == nil {
			t.Error("the call ended, and yet one more began")
		}
	})
}
