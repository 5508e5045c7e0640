package access

import (
	"context"
	"errors"
	"time"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/guard"
)

// whileAllowed returns a context of a unary call that ends if its caller is found to be no
// longer allowed, such as after its key was revoked. The cause is then the refusal. The caller
// is checked every checkInterval, so short calls are not checked again. end must be called
// when the call has ended.
func (g *Guard) whileAllowed(ctx context.Context, method string) (allowed context.Context, end func()) {
	allowed, cancel := context.WithCancelCause(ctx)
	checks := time.AfterFunc(checkInterval, guard.Log(g.log, "check of a caller", func() {
		ticks := time.NewTicker(checkInterval)
		defer ticks.Stop()
		for allowed.Err() == nil {
			// A call in progress need not end because its credential cannot be checked now.
			caller, err := g.admit(allowed, method)
			if err != nil && allowed.Err() == nil && !errors.Is(err, auth.ErrUnavailable) {
				cancel(g.refuse(ctx, method, caller, err))
				return
			}
			select {
			case <-allowed.Done():
			case <-ticks.C:
			}
		}
	}))
	return allowed, func() {
		checks.Stop()
		cancel(nil)
	}
}
