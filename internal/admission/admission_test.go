package admission

import (
	"context"
	"errors"
	"testing"
	"time"
)

const patience = 20 * time.Second

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func read(caller string) Call { return Call{Lane: Reads, Method: "Search", Caller: caller} }

// fill lets in calls until a lane is full, and returns a function that ends one of them.
func fill(t *testing.T, c *Controller, call Call) (end func()) {
	t.Helper()
	ends := make(chan func(error), 1000)
	for !c.lanes[call.Lane].full() {
		done, err := c.Admit(within(t, patience), call)
		if err != nil {
			t.Fatal(err)
		}
		ends <- done
	}
	return func() { (<-ends)(nil) }
}

func wantRefusal(t *testing.T, err error, reason Reason) {
	t.Helper()
	var refusal *RefusalError
	if !errors.As(err, &refusal) || refusal.Reason != reason || refusal.RetryAfter <= 0 || refusal.RetryAfter > 2*longestWait {
		t.Errorf("got %v, want a refusal for %s with a delay", err, reason)
	}
}

// waiting waits until the given number of calls wait in a lane.
func waiting(t *testing.T, c *Controller, lane Lane, n int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		got := c.lanes[lane].queue.Len()
		c.mu.Unlock()
		if got == n {
			if c.Waits(lane) != (n > 0) {
				t.Errorf("%d calls wait, but Waits says %v", n, n <= 0)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d calls wait, want %d", got, n)
		}
	}
}

// TestTurns: a call that finds its lane full waits for its turn. The first to come is the
// first to be let in.
func TestTurns(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64})
	end := fill(t, c, read("a"))
	order := make(chan string, 2)
	for n, name := range []string{"first", "second"} {
		go func() {
			if _, err := c.Admit(within(t, patience), read("b")); err != nil {
				t.Error(err)
			}
			order <- name
		}()
		waiting(t, c, Reads, n+1)
	}
	for _, want := range []string{"first", "second"} {
		end()
		if got := <-order; got != want {
			t.Errorf("%s had its turn, want %s", got, want)
		}
	}
}

// TestTooLate: a call is refused at once if the calls before it are expected to take longer
// than the time that it has.
func TestTooLate(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64})
	c.mu.Lock()
	c.lanes[Reads].took.add(time.Hour)
	c.mu.Unlock()
	fill(t, c, read("a"))
	_, err := c.Admit(within(t, patience), read("a"))
	wantRefusal(t, err, Overloaded)
	_, err = c.Admit(context.Background(), read("a")) // the expected wait is too long
	wantRefusal(t, err, Overloaded)
}

// TestNotBegun: a call whose turn does not come is refused before its deadline, so that its
// caller gets the refusal.
func TestNotBegun(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64})
	fill(t, c, read("a"))
	ctx := within(t, time.Second)
	_, err := c.Admit(ctx, read("a"))
	wantRefusal(t, err, Overloaded)
	waiting(t, c, Reads, 0)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Admit(cancelled, read("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
	waiting(t, c, Reads, 0)
}

// TestMaxWait: a call may wait only so long that an average call is still answered in three
// tenths of its time, and a slow one before its deadline.
func TestMaxWait(t *testing.T) {
	t.Parallel()
	c, now := New(Config{MaxCalls: 64}), time.Now()
	for _, test := range []struct {
		usual, deviation, left, want time.Duration
	}{
		{time.Second, 0, 20 * time.Second, 5 * time.Second},
		{time.Second, 8 * time.Second, 20 * time.Second, 3 * time.Second},
		{3 * time.Second, 0, 5 * time.Second, -1500 * time.Millisecond},
	} {
		c.methods["Search"] = &estimate{test.usual, test.deviation}
		ctx, cancel := context.WithDeadline(t.Context(), now.Add(test.left))
		if got := c.maxWait(ctx, read("a"), now); got != test.want {
			t.Errorf("%+v: waits for %v", test, got)
		}
		cancel()
	}
	if got := c.maxWait(context.Background(), read("a"), now); got != longestWait {
		t.Errorf("a call without a deadline waits for %v", got)
	}
}

// TestLongQueue: the queue of a lane has a bound.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, MaxCallsPerCaller: 1000})
	fill(t, c, read("a"))
	for n := range c.lanes[Reads].maxQueue() {
		go func() { _, _ = c.Admit(within(t, patience), read("a")) }()
		waiting(t, c, Reads, n+1)
	}
	_, err := c.Admit(within(t, patience), read("a"))
	wantRefusal(t, err, Overloaded)
}

// TestLanes: a full lane does not take capacity from another lane.
func TestLanes(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, MaxCallsPerCaller: 1000})
	for _, lane := range []Lane{Writes, Administration, Streams} {
		fill(t, c, Call{Lane: lane, Method: "Write", Caller: "a"})
	}
	if _, err := c.Admit(within(t, patience), read("a")); err != nil {
		t.Errorf("a read: %v", err)
	}
	_, err := c.Admit(context.Background(), Call{Lane: Streams, Method: "Import", Caller: "b"})
	wantRefusal(t, err, Overloaded) // streams do not wait
}

// TestCallers: each caller has a limit of calls in flight and a rate.
func TestCallers(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64, MaxCallsPerCaller: 2})
	var ends []func(error)
	for range 2 {
		done, err := c.Admit(within(t, patience), read("a"))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, done)
	}
	_, err := c.Admit(within(t, patience), read("a"))
	wantRefusal(t, err, TooManyCalls)
	if _, err := c.Admit(within(t, patience), read("b")); err != nil {
		t.Errorf("another caller: %v", err)
	}
	ends[0](nil)
	if _, err := c.Admit(within(t, patience), read("a")); err != nil {
		t.Errorf("after one has ended: %v", err)
	}

	c = New(Config{MaxCalls: 64, RatePerCaller: 0.01})
	if _, err := c.Admit(within(t, patience), read("a")); err != nil {
		t.Fatal(err)
	}
	_, err = c.Admit(within(t, patience), read("a"))
	var refusal *RefusalError
	if !errors.As(err, &refusal) || refusal.Reason != TooFast || refusal.RetryAfter < time.Minute {
		t.Errorf("above the rate: %v", err)
	}
	if _, err := c.Admit(within(t, patience), read("b")); err != nil {
		t.Errorf("another caller: %v", err)
	}
	for range 2 * maxCallers {
		done, err := c.Admit(context.Background(), read(time.Now().String()))
		if err != nil {
			t.Fatal(err)
		}
		done(nil)
	}
	if got := c.callers.known.Len(); got > maxCallers {
		t.Errorf("%d callers in memory", got)
	}
}

// TestSlowMethodRecovers: a method that became too slow for its callers' deadlines is still
// tried, so that calls are let in again once it is faster.
func TestSlowMethodRecovers(t *testing.T) {
	t.Parallel()
	c := New(Config{MaxCalls: 64})
	c.methods["Search"] = &estimate{mean: time.Hour}
	done, err := c.Admit(within(t, patience), read("a"))
	if err != nil {
		t.Fatal(err)
	}
	done(nil)
	if got := c.methods["Search"].mean; got >= time.Hour {
		t.Errorf("still expects %v", got)
	}
}

// TestAdapts: the limit of a lane shrinks while calls take too long, and grows while the
// lane is full and its calls are fast.
func TestAdapts(t *testing.T) {
	t.Parallel()
	l := newLane(Reads, 32, 2)
	first, now := l.limit, time.Now()
	for range 10 {
		now = now.Add(time.Minute)
		l.adapt(2*time.Second, time.Second, now)
	}
	if l.limit != l.least {
		t.Errorf("late calls: from %v to %v, want %v", first, l.limit, l.least)
	}
	for range 10_000 {
		l.adapt(time.Millisecond, time.Second, now)
	}
	if l.limit != l.least {
		t.Errorf("a lane that is not full: %v, want %v", l.limit, l.least)
	}
	for range 10_000 {
		l.running = l.bound()
		l.adapt(time.Millisecond, time.Second, now)
	}
	if l.limit != l.most {
		t.Errorf("a full lane: %v, want %v", l.limit, l.most)
	}
}
