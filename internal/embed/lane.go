package embed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/accord-search/accord/internal/embed/driver"
)

const (
	// queryTries and passageTries bound the attempts at one request. A query
	// has somebody waiting: it gives up within half a second. Passages sit out
	// the restart of a model server, some ten seconds.
	queryTries   = 3
	passageTries = 8
	// firstPause is the mean wait before the second attempt; each wait after it
	// is twice as long, up to maxPause, and all vary by half either way.
	firstPause = 100 * time.Millisecond
	maxPause   = 4 * time.Second
)

// lane is a kind of request, with bounds of its own, so that queries never
// wait behind passages.
type lane struct {
	input driver.Input
	// timeout bounds one request with its retries, from when it has its turn.
	timeout time.Duration
	tries   uint
	pause   time.Duration
	turns   chan struct{} // its capacity bounds the requests in flight
}

func newLane(input driver.Input, timeout time.Duration, tries uint, inFlight int) *lane {
	return &lane{input: input, timeout: timeout, tries: tries, pause: firstPause, turns: make(chan struct{}, inFlight)}
}

// attempt waits for a turn in l and calls f until it succeeds, fails for good,
// or l's bounds are reached. Its errors are classified.
func attempt[T any](ctx context.Context, l *lane, log *slog.Logger, f func(context.Context) (T, error)) (T, error) {
	var zero T
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-ctx.Done():
		return zero, ctx.Err()
	}
	bounded, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	deadline, _ := bounded.Deadline()

	var last error
	result, err := backoff.Retry(bounded,
		func() (T, error) {
			var result T
			result, last = f(bounded)
			return result, schedule(last)
		},
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: l.pause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxPause,
		}),
		backoff.WithMaxTries(l.tries),
		// A wait that would outlast the deadline is not begun, so that the
		// caller learns what the server said and not that time ran out.
		backoff.WithMaxElapsedTime(time.Until(deadline)),
		backoff.WithNotify(func(_ error, wait time.Duration) {
			log.DebugContext(ctx, "embedding request failed, trying again", "error", last, "wait", wait)
		}),
	)
	if err != nil {
		return zero, classify(ctx, l.timeout, last)
	}
	return result, nil
}

// schedule tells backoff what to do about err.
func schedule(err error) error {
	var failure *driver.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failure) || !failure.Temporary:
		return backoff.Permanent(err)
	case failure.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: failure.RetryAfter}
	default:
		return err
	}
}
