package embed

import (
	"context"
	"time"
)

// patience bounds a request of those who wait as long as their contexts let them.
const patience = 5 * time.Minute

type patientKey struct{}

// Patiently returns a context for those who would rather wait than hear that a
// server is slow: what a client asks about its server under it, a fingerprint
// included, may take as long as the context lasts, up to five minutes a request,
// and not QueryTimeout at most.
func Patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

func patient(ctx context.Context) bool { return ctx.Value(patientKey{}) != nil }

// questions returns the lane of what is asked about the server under ctx. The
// patient have one of their own, so that no one else waits behind them.
func (c *Client) questions(ctx context.Context) *lane {
	if patient(ctx) {
		return c.patient
	}
	return c.checks
}
