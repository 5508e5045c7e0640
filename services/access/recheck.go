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
// for example because its key was revoked, the context ends, and the refusal is its cause. A
// credential that expires does not end the call. end must be called when the call has ended.
func (g *Guard) endedIfRefused(ctx context.Context, method string) (allowed context.Context, end func()) {
	allowed, cancel := context.WithCancelCause(ctx)
	checks := time.AfterFunc(checkInterval, guard.Log(g.log, "check of a caller", func() {
		ticks := time.NewTicker(checkInterval)
		defer ticks.Stop()
		for allowed.Err() == nil {
			caller, err := g.admit(allowed, method)
			if err != nil && allowed.Err() == nil && !mayEnd(err) {
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

// mayEnd reports whether a call in progress may continue to its end although a new check of
// its caller failed, because the credential cannot be checked now or has expired since the
// call began.
func mayEnd(err error) bool {
	return errors.Is(err, auth.ErrUnavailable) || errors.Is(err, auth.ErrExpired)
}
