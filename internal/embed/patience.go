package embed

import (
	"context"
	"time"
)

// patience bounds a single request under Patiently.
const patience = 5 * time.Minute

type patientKey struct{}

// Patiently returns a context for callers that would rather wait than get an error about a
// slow server. With it, requests that learn about a server, such as fingerprints, may take
// until the context ends, at most five minutes each. Without it, they may take QueryTimeout.
func Patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

func isPatient(ctx context.Context) bool { return ctx.Value(patientKey{}) != nil }

// checkLane returns the lane for questions about the server. Patient callers have their own
// lane, so that nobody else waits behind them.
func (c *Client) checkLane(ctx context.Context) *lane {
	if isPatient(ctx) {
		return c.patient
	}
	return c.checks
}
