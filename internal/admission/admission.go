// Package admission decides which calls a server lets in, so that a server that gets more
// calls than it can handle still answers as many as it can. It bounds the calls in flight,
// in total and for each caller, lets only a few calls wait, and refuses at once those that
// cannot be answered before their deadline. It knows nothing of gRPC.
package admission

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// Lane separates kinds of calls, so that one kind cannot take the capacity of another.
type Lane int

// The lanes.
const (
	Reads Lane = iota
	Writes
	Administration
	// Streams are calls that stay open without a deadline. They do not wait, and the time
	// that they take says nothing about load.
	Streams
	lanes
)

var laneNames = [...]string{"reads", "writes", "administration", "streams"}

// String returns the name of the lane.
func (l Lane) String() string { return laneNames[l] }

// shares has the share of MaxCalls that each lane gets. The shares add up to 1.
var shares = [lanes]float64{Reads: 0.5, Writes: 0.25, Administration: 0.125, Streams: 0.125}

// Reason says why a call is refused.
type Reason string

// The reasons.
const (
	// Overloaded means that the call could not be answered in time, or that too many wait.
	Overloaded Reason = "OVERLOADED"
	// TooManyCalls means that the caller has too many calls in flight.
	TooManyCalls Reason = "TOO_MANY_CALLS"
	// TooFast means that the caller exceeds its rate.
	TooFast Reason = "RATE_LIMITED"
)

// RefusalError is the error of a call that is not let in.
type RefusalError struct {
	Reason Reason
	// RetryAfter is how long the caller should wait before it tries again.
	RetryAfter time.Duration
}

// Error implements error.
func (r *RefusalError) Error() string {
	return fmt.Sprintf("refused (%s); try again in %v", r.Reason, r.RetryAfter)
}

// Observer is notified of what a Controller does. Its methods must not block.
type Observer interface {
	// InFlight gets the number of calls that run in a lane, whenever it changes.
	InFlight(lane Lane, n int)
	// Shed is called for each refusal.
	Shed(lane Lane, reason Reason)
}

// Config holds the limits of a Controller.
type Config struct {
	// MaxCalls bounds the calls that run at once, in all lanes together. As many may wait.
	MaxCalls int
	// MaxCallsPerCaller bounds the calls of one caller that run or wait. 0 means half of
	// MaxCalls.
	MaxCallsPerCaller int
	// RatePerCaller bounds the calls of one caller per second. All calls of one second may
	// come in one burst. 0 means no bound.
	RatePerCaller float64
	// Observer may be nil.
	Observer Observer
}

// Call describes a call that asks to be let in.
type Call struct {
	Lane Lane
	// Method names the method. Expected times are kept by method, so the set of methods
	// must be fixed.
	Method string
	// Caller is the name of a key, or an address.
	Caller string
	// Size is the number of calls for which a batch counts. 0 means 1.
	Size int
}

// MaxPlaces is the number of calls of a batch that may run at once. It is small, so that
// batches leave places to other callers. Four calls keep a machine of 2 cores and its database
// busy.
const MaxPlaces = 4

// places returns the number of the batch's calls that run at once.
func (c Call) places() int { return max(1, min(c.Size, MaxPlaces)) }

// size returns the number of calls for which a call counts.
func (c Call) size() int { return max(1, c.Size) }

// rounds returns the number of rounds in which the batch's calls run, MaxPlaces at a time.
func (c Call) rounds() int { return max(1, (c.Size+MaxPlaces-1)/MaxPlaces) }

// Controller lets calls in. It is safe for concurrent use.
type Controller struct {
	mu       sync.Mutex
	lanes    [lanes]*lane
	methods  map[string]*estimate
	callers  *callers
	observer Observer
}

// New returns a controller.
func New(cfg Config) *Controller {
	c := &Controller{methods: map[string]*estimate{}, callers: newCallers(cfg), observer: cfg.Observer}
	if c.observer == nil {
		c.observer = noObserver{}
	}
	for l := range lanes {
		c.lanes[l] = newLane(l, max(1, shares[l]*float64(cfg.MaxCalls)), 2*float64(runtime.GOMAXPROCS(0)))
	}
	return c
}

// Admit lets a call in, at once or after it has waited for its turn. The caller must call
// done with the call's error when the call has ended. If the call is not let in, Admit
// returns a *RefusalError or the error of ctx.
func (c *Controller) Admit(ctx context.Context, call Call) (done func(error), err error) {
	w, err := c.enter(ctx, call)
	if err != nil {
		return nil, err
	}
	if w.turn != nil {
		if err := c.wait(ctx, w); err != nil {
			return nil, err
		}
	}
	begun := time.Now()
	return func(err error) { c.leave(ctx, w, begun, err) }, nil
}

// enter lets a call in, queues it, or refuses it.
func (c *Controller) enter(ctx context.Context, call Call) (*waiter, error) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	lane, from := c.lanes[call.Lane], c.callers.get(call.Caller)
	if refusal := c.callers.checkCalls(from, call); refusal != nil {
		return nil, c.refuse(lane, refusal)
	}
	// A call that need not wait is let in even if its method has become too slow for its
	// deadline. So there is always a call that notices when the method is fast again.
	waits, maxWait := lane.full() || lane.queue.Len() > 0, c.maxWait(ctx, call, now)
	if waits && (lane.queue.Len() >= lane.maxQueue() || lane.expectedWait() > maxWait) {
		return nil, c.refuse(lane, lane.overloaded())
	}
	// The rate is last, since a call that is not let in must not count for it.
	if refusal := c.callers.checkRate(from, call, now); refusal != nil {
		return nil, c.refuse(lane, refusal)
	}
	w := &waiter{call: call, from: from}
	from.calls += call.places()
	if !waits {
		c.run(lane, call)
		return w, nil
	}
	w.turn, w.maxWait = make(chan struct{}), maxWait
	lane.enqueue(w)
	return w, nil
}

// maxWait returns how long a call may wait for its turn. After that wait, a call of average
// duration is still answered within three tenths of the time to its deadline, and a slow
// one before its deadline. Nearly all calls are therefore answered within half of that time, even
// under overload. A call without a deadline may wait for longestWait.
func (c *Controller) maxWait(ctx context.Context, call Call, now time.Time) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return longestWait
	}
	left, e := deadline.Sub(now), c.methods[call.Method]
	share := left * 3 / 10
	if e == nil {
		return share
	}
	rounds := time.Duration(call.rounds())
	return min(share-rounds*e.mean, left-rounds*e.upperBound())
}

// longestWait bounds the wait of a call without a deadline.
const longestWait = 10 * time.Second

// wait returns nil when it is the call's turn, or an error if the call is not let in.
func (c *Controller) wait(ctx context.Context, w *waiter) error {
	timer := time.NewTimer(w.maxWait)
	defer timer.Stop()
	var err error
	select {
	case <-w.turn:
		return nil
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	lane := c.lanes[w.call.Lane]
	select {
	case <-w.turn: // the turn came at the same moment
		return nil
	default:
	}
	lane.dequeue(w)
	w.from.calls -= w.call.places()
	if err == nil {
		err = c.refuse(lane, lane.overloaded())
	}
	return err
}

// Waits reports whether calls of a lane wait for their turn.
func (c *Controller) Waits(l Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lanes[l].queue.Len() > 0
}

// run counts a call that begins to run. A batch may exceed the bound of its lane by less than
// MaxPlaces.
func (c *Controller) run(lane *lane, call Call) {
	lane.running += call.places()
	c.observer.InFlight(lane.lane, lane.running)
}

// leave records how long a call took, and lets in calls that wait.
func (c *Controller) leave(ctx context.Context, w *waiter, begun time.Time, err error) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	lane := c.lanes[w.call.Lane]
	// The time of a call is not recorded if the call failed, which can be quick, or if its
	// caller cancelled it.
	if late := errors.Is(ctx.Err(), context.DeadlineExceeded); late || err == nil {
		c.learn(ctx, lane, w.call, begun, now)
	}
	lane.running -= w.call.places()
	w.from.calls -= w.call.places()
	for !lane.full() && lane.queue.Len() > 0 {
		next := lane.queue.Front().Value.(*waiter)
		lane.dequeue(next)
		close(next.turn)
		lane.running += next.call.places()
	}
	c.observer.InFlight(lane.lane, lane.running)
}

// learn records how long a call took. For a batch, it records the mean time of a round.
func (c *Controller) learn(ctx context.Context, lane *lane, call Call, begun, now time.Time) {
	rounds := time.Duration(call.rounds())
	took := now.Sub(begun) / rounds
	e := c.methods[call.Method]
	if e == nil {
		e = &estimate{}
		c.methods[call.Method] = e
	}
	e.add(took)
	goal := longestGoal
	if deadline, ok := ctx.Deadline(); ok {
		goal = min(goal, deadline.Sub(begun)/2/rounds)
	}
	lane.adapt(took, goal, now)
}

func (c *Controller) refuse(lane *lane, refusal *RefusalError) error {
	// A random delay, so that callers that were refused together do not return together.
	refusal.RetryAfter += rand.N(refusal.RetryAfter + 1)
	c.observer.Shed(lane.lane, refusal.Reason)
	return refusal
}

// noObserver is an Observer that does nothing.
type noObserver struct{}

// InFlight implements Observer.
func (noObserver) InFlight(Lane, int) {}

// Shed implements Observer.
func (noObserver) Shed(Lane, Reason) {}
