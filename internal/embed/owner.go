package embed

import (
	"context"
	"fmt"
	"sync"
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
