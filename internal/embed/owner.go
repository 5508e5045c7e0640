package embed

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// errClosed is what calls get that a client outlives.
var errClosed = fmt.Errorf("%w: its client is closed", ErrUnavailable)

// owner has the goroutines that no caller waits for. They end with it.
type owner struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	running sync.WaitGroup
}

func newOwner() *owner {
	o := new(owner)
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// begin says that one more runs, until running.Done; errClosed after end.
func (o *owner) begin() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		return errClosed
	}
	o.running.Add(1)
	return nil
}

// end cancels all that run and waits for them.
func (o *owner) end() {
	o.mu.Lock()
	o.cancel()
	o.mu.Unlock()
	o.running.Wait()
}

// share finds out something of the server for all who ask for key at the same
// time. It lives on when those who wait for it leave, so that the next find it
// done; f bounds its requests.
func share[T any](ctx context.Context, c *Client, key string, f func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	start := time.Now()
	inTime, cancel := reserve(ctx)
	defer cancel()
	result := c.asking.DoChan(key, func() (any, error) {
		if err := c.owner.begin(); err != nil {
			return nil, err
		}
		defer c.owner.running.Done()
		return f(c.owner.ctx)
	})
	select {
	case <-inTime.Done():
		return zero, c.checks.late(ctx, inTime, start, fmt.Errorf("%s is still being asked what it serves", c.checks.server))
	case r := <-result:
		if c.owner.ctx.Err() != nil {
			return zero, errClosed
		}
		if r.Err != nil {
			return zero, r.Err
		}
		return r.Val.(T), nil
	}
}
