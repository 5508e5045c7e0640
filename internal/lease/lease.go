// Package lease sends the heartbeats of a lease while its holder works. The caller decides
// where leases are stored, and when they end without heartbeats.
package lease

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/accord-search/accord/internal/guard"
)

// ErrLost means that another holder has the lease, or that what the lease protects no longer
// exists.
var ErrLost = errors.New("the lease was lost: another holder has it, or what it was for is gone")

// Keep calls beat after each pause, until release is called or ctx ends. beat extends the
// lease and reports whether it is still held. If beat returns an error, it is not known
// whether the lease is held, and the next call of beat tries again. If the lease is lost,
// the returned context ends with ErrLost as its cause; if beat panics, with the
// *guard.PanicError. release ends the context and waits for the last beat.
func Keep(ctx context.Context, pause time.Duration, beat func(context.Context) (held bool, err error)) (kept context.Context, release func()) {
	kept, stop := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { stop(guard.Call(func() error { return keep(kept, pause, beat) })) })
	return kept, func() {
		stop(nil)
		beating.Wait()
	}
}

// keep returns ErrLost if the lease is lost, and nil when ctx ends.
func keep(ctx context.Context, pause time.Duration, beat func(context.Context) (bool, error)) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if held, err := beat(ctx); err == nil && !held {
				return ErrLost
			}
		}
	}
}
