package access

import (
	"context"
	"errors"
	"time"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/guard"
)

// endedIfRefused returns a context for a unary call. It checks the caller again every
// checkInterval, so a shorter call is not checked again. If the caller is no longer allowed,
// for example because its key was revoked, the context ends, and the refusal is its cause. end
// must be called when the call has ended.
func (g *Guard) endedIfRefused(ctx context.Context, method string) (allowed context.Context, end func()) {
	allowed, cancel := context.WithCancelCause(ctx)
	checks := time.AfterFunc(checkInterval, guard.Log(g.log, "check of a caller", func() {
		ticks := time.NewTicker(checkInterval)
		defer ticks.Stop()
		for allowed.Err() == nil {
			// If the credential cannot be checked now, a call in progress continues.
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
