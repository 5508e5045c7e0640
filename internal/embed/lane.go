package embed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"

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
	// fairPassageTime is what a request for passages must have had for its lack
	// of an answer to speak against the server: the last of a document that is
	// too long for the caller's deadline has less.
	fairPassageTime = time.Second
)

// lane is a kind of request, with bounds of its own, so that queries never
// wait behind passages.
type lane struct {
	server string // for errors
	input  driver.Input
	// timeout bounds one request with its retries, from when it has its turn.
	timeout time.Duration
	tries   uint
	pause   time.Duration
	// fair is the time below which the caller's deadline is to blame.
	fair  time.Duration
	turns chan struct{} // its capacity bounds the requests in flight
	// inputs bounds their texts; no request has more.
	inputs *semaphore.Weighted
	// breaker is nil where a server is asked however it did of late.
	breaker *breaker
	// yield, unless nil, waits for what goes before the next request: any server may
	// be one that takes one request at a time.
	yield func(context.Context) error
}

func newLane(server string, input driver.Input, timeout time.Duration, requests, inputs int) *lane {
	l := &lane{
		server: server, input: input, timeout: timeout, tries: queryTries, pause: firstPause,
		turns: make(chan struct{}, requests), inputs: semaphore.NewWeighted(int64(inputs)),
	}
	if input == driver.Passage {
		l.tries, l.fair = passageTries, min(fairPassageTime, timeout)
	}
	return l
}

// reserve returns a context that ends when a tenth of the time to ctx's
// deadline is left, so that a caller still hears what the server did not do,
// and can do without it.
func reserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)*9/10)
}

// attempt waits for a turn in l and calls f until it succeeds, fails for good,
// or l's bounds or those of ctx are reached. Its errors are classified.
func attempt[T any](ctx context.Context, l *lane, log *slog.Logger, f func(context.Context) (T, error)) (T, error) {
	var zero T
	start := time.Now()
	inTime, cancel := reserve(ctx)
	defer cancel()
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-inTime.Done():
		return zero, l.late(ctx, inTime, start, fmt.Errorf("%s is still busy with %d requests before this one", l.server, cap(l.turns)))
	}
	bounded, cancel := context.WithTimeout(inTime, l.timeout)
	defer cancel()
	deadline, _ := bounded.Deadline()

	var last error
	result, err := backoff.Retry(bounded,
		func() (T, error) {
			var result T
			result, last = f(bounded)
			return result, l.schedule(last)
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
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil || errors.Is(last, context.DeadlineExceeded):
		return zero, l.late(ctx, bounded, start, last)
	default:
		return zero, classify(last)
	}
}

// late returns the error of what was begun at start and had no answer when
// bounded, a part of the caller's ctx, ended: the one of ctx where that ended.
func (l *lane) late(ctx, bounded context.Context, start time.Time, cause error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	deadline, _ := bounded.Deadline()
	had := deadline.Sub(start).Round(time.Millisecond)
	// The cause is not wrapped: to a caller a context error means its own context.
	if had < l.fair {
		return fmt.Errorf("no answer in the last %v that the caller's deadline left: %s: %w", had, cause.Error(), context.DeadlineExceeded)
	}
	return fmt.Errorf("%w: no answer within %v: %s", ErrUnavailable, had, cause.Error())
}

// enter waits until n more texts may be in flight. The caller releases them.
func (l *lane) enter(ctx context.Context, n int) error {
	if l.yield != nil {
		if err := l.yield(ctx); err != nil {
			return fmt.Errorf("%s is still busy with queries: %w", l.server, err)
		}
	}
	if err := l.inputs.Acquire(ctx, int64(n)); err != nil {
		return fmt.Errorf("%s is still busy with as many texts as it takes: %w", l.server, err)
	}
	return nil
}

// schedule tells backoff what to do about err.
func (l *lane) schedule(err error) error {
	var failure *driver.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gobreaker.ErrOpenState) && l.input == driver.Passage:
		return err
	case !errors.As(err, &failure) || !failure.Temporary:
		return backoff.Permanent(err)
	case failure.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: failure.RetryAfter}
	default:
		return err
	}
}
