package embed

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/guard"
)

// errClosed is the error of calls on a closed client.
var errClosed = fmt.Errorf("%w: its client is closed", ErrUnavailable)

// owner runs the goroutines for which no caller waits, and can end them.
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

// begin registers a goroutine, which must call running.Done when it ends. After end was
// called, begin returns errClosed.
func (o *owner) begin() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		return errClosed
	}
	o.running.Add(1)
	return nil
}

// end cancels all goroutines and waits for them.
func (o *owner) end() {
	o.mu.Lock()
	o.cancel()
	o.mu.Unlock()
	o.running.Wait()
}

// runShared runs f once for all concurrent callers with the same key. f continues if its
// callers leave, so that the next ones find the result. f must limit the time of its
// requests.
func runShared[T any](ctx context.Context, c *Client, key string, f func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	start := time.Now()
	inTime, cancel := reserveTime(ctx)
	defer cancel()
	result := c.asking.DoChan(key, func() (result any, err error) {
		if err := c.owner.begin(); err != nil {
			return nil, err
		}
		defer c.owner.running.Done()
		err = guard.Call(func() (err error) {
			result, err = f(c.owner.ctx)
			return err
		})
		return result, err
	})
	select {
	case <-inTime.Done():
		return zero, c.checks.timeoutError(ctx, inTime, start, fmt.Errorf("%s has not yet reported which model it serves", c.checks.server))
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
