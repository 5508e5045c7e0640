package admission

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counter counts the notifications of an Observer.
type counter struct{ running, shed atomic.Int64 }

func (c *counter) InFlight(_ Lane, n int) { c.running.Store(int64(n)) }
func (c *counter) Shed(Lane, Reason)      { c.shed.Add(1) }

// TestConcurrent: the counts are right in the end if many goroutines make calls, whether
// these are answered, refused or cancelled.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var seen counter
	c := New(Config{MaxCalls: 8, MaxCallsPerCaller: 1000, Observer: &seen})
	var running, most, refused atomic.Int64
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Millisecond)
			defer cancel()
			done, err := c.Admit(ctx, read("a"))
			var refusal *RefusalError
			if errors.As(err, &refusal) {
				refused.Add(1)
			}
			if err != nil {
				return
			}
			now := running.Add(1)
			for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
			}
			time.Sleep(time.Millisecond)
			running.Add(-1)
			done(nil)
		})
	}
	all.Wait()
	lane := c.lanes[Reads]
	if lane.running != 0 || lane.queue.Len() != 0 || c.callers.get("a").calls != 0 {
		t.Errorf("in the end %d run, %d wait, the caller has %d", lane.running, lane.queue.Len(), c.callers.get("a").calls)
	}
	if most.Load() > int64(lane.most) || most.Load() == 0 {
		t.Errorf("%d ran at once, want at most %v", most.Load(), lane.most)
	}
	if seen.running.Load() != 0 || seen.shed.Load() != refused.Load() {
		t.Errorf("the observer saw %d running, %d refused; want 0 and %d", seen.running.Load(), seen.shed.Load(), refused.Load())
	}
}
