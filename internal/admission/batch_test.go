package admission

import (
	"testing"
	"time"
)

func batch(caller string, size int) Call {
	return Call{Lane: Reads, Method: "BatchSearch", Caller: caller, Size: size}
}

// TestBatchPlaces: a batch takes one place for each of its calls that run at once, both in its
// lane and among the calls of its caller, and gives all places back.
func TestBatchPlaces(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, MaxCallsPerCaller: 6})
	done, err := c.Admit(within(t, patience), batch("a", 50))
	if err != nil {
		t.Fatal(err)
	}
	if n := c.lanes[Reads].running; n != MaxPlaces {
		t.Errorf("a batch of 50 takes %d places, want %d", n, MaxPlaces)
	}
	_, err = c.Admit(within(t, patience), batch("a", 3))
	wantRefusal(t, err, TooManyCalls)
	small, err := c.Admit(within(t, patience), batch("a", 2))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Admit(within(t, patience), read("a"))
	wantRefusal(t, err, TooManyCalls)
	small(nil)
	done(nil)
	if n, calls := c.lanes[Reads].running, c.callers.get("a").calls; n != 0 || calls != 0 {
		t.Errorf("after the batches, %d calls run, %d of the caller", n, calls)
	}
}

// TestBatchOfOneCall: a batch is let in even if its caller may make only one call at a time.
func TestBatchOfOneCall(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, MaxCallsPerCaller: 1})
	if _, err := c.Admit(within(t, patience), batch("a", 50)); err != nil {
		t.Error(err)
	}
	_, err := c.Admit(within(t, patience), read("a"))
	wantRefusal(t, err, TooManyCalls)
}

// TestBatchRate: each call of a batch counts towards the rate of its caller. A batch that
// is larger than a burst is let in, and later calls of the caller are refused until the
// rate has made up for the rest.
func TestBatchRate(t *testing.T) {
	t.Parallel()
	c, now := newCallers(Config{MaxCalls: 64, RatePerCaller: 10}), time.Now()
	a := c.get("a")
	if err := c.checkRate(a, batch("a", 50), now); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {3900 * time.Millisecond, false}, {4200 * time.Millisecond, true}} {
		if let := c.checkRate(a, read("a"), now.Add(test.after)) == nil; let != test.want {
			t.Errorf("%v after a batch of 50 at 10 calls a second: let in %v, want %v", test.after, let, test.want)
		}
	}
	refusal := c.checkRate(a, batch("a", 5), now.Add(4300*time.Millisecond))
	if refusal == nil || refusal.Reason != TooFast || refusal.RetryAfter > time.Second {
		t.Errorf("a batch of 5 soon after: %v", refusal)
	}
}

// TestBatchTime: the recorded time of a batch is that of one round, so that a large batch does
// not make a lane look overloaded. A batch of more rounds may wait less.
func TestBatchTime(t *testing.T) {
	t.Parallel()
	c, now := New(Config{MaxCalls: 64}), time.Now()
	limit := c.lanes[Reads].limit
	c.learn(t.Context(), c.lanes[Reads], batch("a", 40), now.Add(-10*time.Second), now)
	if got := c.methods["BatchSearch"].mean; got != time.Second || c.lanes[Reads].limit < limit {
		t.Errorf("10 rounds in 10 s: %v for each, limit %v after %v", got, c.lanes[Reads].limit, limit)
	}
	c.methods["BatchSearch"] = &estimate{mean: time.Second}
	ctx := within(t, 20*time.Second)
	short, long := c.maxWait(ctx, batch("a", 4), now), c.maxWait(ctx, batch("a", 20), now)
	if diff := short - long; diff < 3900*time.Millisecond || diff > 4100*time.Millisecond {
		t.Errorf("1 round may wait for %v, 5 rounds for %v", short, long)
	}
}

// TestRefusedBatchRate: a batch that is refused because the lane is overloaded does not count
// for the rate of its caller.
func TestRefusedBatchRate(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, RatePerCaller: 10})
	lane := c.lanes[Reads]
	lane.running, lane.took.mean = lane.bound(), time.Hour
	for range 20 {
		_, err := c.Admit(within(t, patience), batch("a", 10))
		wantRefusal(t, err, Overloaded)
	}
	lane.running = 0
	if _, err := c.Admit(within(t, patience), batch("a", 10)); err != nil {
		t.Error(err)
	}
}

// TestWaitingBatch: the expected wait behind a waiting batch counts each call of the batch.
func TestWaitingBatch(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64})
	lane := c.lanes[Reads]
	lane.took.mean = time.Second
	lane.running = lane.bound()
	long := within(t, time.Hour)
	w, err := c.enter(long, batch("a", 50))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := lane.expectedWait(), 51*time.Second/time.Duration(lane.bound()); (got - want).Abs() > time.Millisecond {
		t.Errorf("a call behind a batch of 50 waits for %v, want %v", got, want)
	}
	w.maxWait = 0
	wantRefusal(t, c.wait(long, w), Overloaded)
	if lane.waiting != 0 {
		t.Errorf("in the end %d calls wait", lane.waiting)
	}
}
