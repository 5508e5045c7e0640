// Package retry repeats requests to a model server that failed and may succeed a little
// later. All kinds of model servers use it.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/accord-search/accord/internal/embed/driver"
)

// FirstPause is the usual Policy.Pause.
const FirstPause = 100 * time.Millisecond

const (
	// spread is how much a wait may differ from its mean, as a share of the mean. Without
	// it, requests that failed together would all be repeated at the same time.
	spread = .5
	// maxPause bounds the mean of a wait.
	maxPause = 4 * time.Second
)

// Policy decides how often a request is sent, and after which errors it is sent again. A
// wait that the server asks for (driver.Error.RetryAfter) replaces the wait of the policy.
type Policy struct {
	// Tries bounds the attempts, including the first one. It must be above 0.
	Tries uint
	// Pause is the mean wait before the second attempt. Each later wait is twice as long,
	// up to four seconds. Each wait varies by up to half of its mean.
	Pause time.Duration
	// Retryable reports whether to try again after an error that is not a temporary
	// *driver.Error. It may be nil.
	Retryable func(error) bool
	// OnWait, if not nil, is called before each wait with the error of the attempt.
	OnWait func(err error, wait time.Duration)
}

// Do calls f until it succeeds, fails permanently, or was called p.Tries times. It returns
// the result and the error of the last call. It does not begin a wait that would end after
// the deadline of ctx, so that the caller gets the server's error instead of a timeout.
func Do[T any](ctx context.Context, p Policy, f func(context.Context) (T, error)) (result T, last error) {
	options := []backoff.RetryOption{
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: p.Pause, RandomizationFactor: spread, Multiplier: 2, MaxInterval: maxPause,
		}),
		backoff.WithMaxTries(p.Tries),
	}
	var left time.Duration // 0 for no limit
	if deadline, ok := ctx.Deadline(); ok {
		left = max(1, time.Until(deadline))
	}
	options = append(options, backoff.WithMaxElapsedTime(left))
	if p.OnWait != nil {
		options = append(options, backoff.WithNotify(func(_ error, wait time.Duration) { p.OnWait(last, wait) }))
	}
	// if ctx ends during a wait, backoff returns the error of ctx, which has less
	// information
	_, _ = backoff.Retry(ctx, func() (struct{}, error) {
		result, last = f(ctx)
		return struct{}{}, p.decide(last)
	}, options...)
	return result, last
}

// decide converts err to the form that backoff expects: nil, a permanent error, a wait, or
// an error to retry.
func (p Policy) decide(err error) error {
	var failure *driver.Error
	temporary := errors.As(err, &failure) && failure.Temporary
	switch {
	case err == nil:
		return nil
	case temporary && failure.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: failure.RetryAfter}
	case temporary || p.Retryable != nil && p.Retryable(err):
		return err
	default:
		return backoff.Permanent(err)
	}
}
