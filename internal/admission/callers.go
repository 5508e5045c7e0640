package admission

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxCallers bounds the callers in memory. A caller that was dropped starts again with no
// calls.
const maxCallers = 4096

// callers counts calls by caller.
type callers struct {
	known    *lru.Cache[string, *caller]
	maxCalls int
	rate     rate.Limit // calls per second; 0 for no bound
}

type caller struct {
	calls int // number of calls that run or wait
	rate  *rate.Limiter
}

func newCallers(cfg Config) *callers {
	known, err := lru.New[string, *caller](maxCallers)
	if err != nil {
		panic(err) // only if the size is below 1
	}
	c := &callers{known: known, maxCalls: cfg.MaxCallsPerCaller, rate: rate.Limit(cfg.RatePerCaller)}
	if c.maxCalls == 0 {
		c.maxCalls = max(1, cfg.MaxCalls/2)
	}
	return c
}

func (c *callers) get(name string) *caller {
	known, ok := c.known.Get(name)
	if !ok {
		known = &caller{rate: rate.NewLimiter(c.rate, max(1, int(c.rate)))}
		c.known.Add(name, known)
	}
	return known
}

// checkCalls returns a refusal if a caller has too many calls in flight.
func (c *callers) checkCalls(from *caller, call Call) *RefusalError {
	if from.calls+min(call.places(), c.maxCalls) > c.maxCalls {
		const soon = 200 * time.Millisecond
		return &RefusalError{Reason: TooManyCalls, RetryAfter: soon}
	}
	return nil
}

// checkRate counts a call for the rate of its caller, or returns a refusal.
func (c *callers) checkRate(from *caller, call Call, now time.Time) *RefusalError {
	if c.rate == 0 {
		return nil
	}
	if delay := from.reserve(call.size(), now); delay > 0 {
		return &RefusalError{Reason: TooFast, RetryAfter: delay}
	}
	return nil
}

// reserve takes n calls from the rate of a caller, or returns how long the caller must wait for
// them. A batch that is larger than a burst may begin when a whole burst is free. Later calls
// then wait until the rate has made up for the rest.
func (c *caller) reserve(n int, now time.Time) (delay time.Duration) {
	first := min(n, c.rate.Burst())
	if turn := c.rate.ReserveN(now, first); turn.DelayFrom(now) > 0 {
		defer turn.CancelAt(now)
		return turn.DelayFrom(now)
	}
	for n -= first; n > 0; n -= first {
		first = min(n, c.rate.Burst())
		c.rate.ReserveN(now, first)
	}
	return 0
}
