package embed

import (
	"context"
	"time"
)

// slowCheckTimeout bounds a single request under WithSlowChecks.
const slowCheckTimeout = 5 * time.Minute

type slowChecksKey struct{}

// WithSlowChecks returns a context for callers that would rather wait than get an error about
// a slow server. With it, requests that learn about a server, such as fingerprints, may take
// until the context ends, at most five minutes each. Without it, they may take QueryTimeout.
func WithSlowChecks(ctx context.Context) context.Context {
	return context.WithValue(ctx, slowChecksKey{}, true)
}

func allowsSlowChecks(ctx context.Context) bool { return ctx.Value(slowChecksKey{}) != nil }

// checkLane returns the lane for questions about the server. Callers that allow slow checks
// have their own lane, so that nobody else waits behind them.
func (c *Client) checkLane(ctx context.Context) *lane {
	if allowsSlowChecks(ctx) {
		return c.slowChecks
	}
	return c.checks
}
