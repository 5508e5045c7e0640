package embed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/retry"
)

const (
	// queryTries and passageTries bound the attempts at one request. A query is given up
	// within half a second, since a caller waits for it. A passage is tried for about ten
	// seconds, in which a model server can restart.
	queryTries   = 3
	passageTries = 8
	// passageMinWait is how long a request for passages must have waited for its timeout
	// to be the server's fault. The last request of a document may have less time only
	// because the document is too long for the caller's deadline.
	passageMinWait = time.Second
)

// lane is a kind of request with its own limits, so that queries never wait behind
// passages.
type lane struct {
	server string // name of the server in errors
	input  driver.Input
	// timeout bounds one request with its retries, counted from its turn.
	timeout time.Duration
	retry   retry.Policy
	// minWait is how long a request must have waited for its timeout to be the server's fault. If
	// it had less time, the caller's deadline was too short.
	minWait time.Duration
	turns   chan struct{} // its capacity bounds the requests in flight
	// inputs bounds the texts of all requests in flight together, and so of each request.
	inputs *semaphore.Weighted
	// breaker is nil for requests that are sent even if the server has just failed.
	breaker *breaker
	// yield, if not nil, is called before each request. It waits for requests with
	// priority, since the server may handle only one request at a time.
	yield func(context.Context) error
}

func newLane(server string, input driver.Input, timeout time.Duration, requests, inputs int) *lane {
	l := &lane{
		server: server, input: input, timeout: timeout, retry: retry.Policy{Tries: queryTries, Pause: retry.FirstPause},
		turns: make(chan struct{}, requests), inputs: semaphore.NewWeighted(int64(inputs)),
	}
	if input == driver.Passage {
		l.minWait = min(passageMinWait, timeout)
		l.retry.Tries = passageTries
		l.retry.Retryable = func(err error) bool { return errors.Is(err, gobreaker.ErrOpenState) }
	}
	return l
}

// reserveTime returns a context that ends when a tenth of the time to ctx's deadline is
// left, so that the caller gets an error with the cause, and has time to continue without
// the server.
func reserveTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)*9/10)
}

// attempt waits for a turn in l and calls f until it succeeds, fails permanently, or a
// limit of l or ctx is reached. It classifies the error.
func attempt[T any](ctx context.Context, l *lane, log *slog.Logger, f func(context.Context) (T, error)) (T, error) {
	var zero T
	start := time.Now()
	inTime, cancel := reserveTime(ctx)
	defer cancel()
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-inTime.Done():
		return zero, l.timeoutError(ctx, inTime, start, fmt.Errorf("%s is still busy with %d earlier requests", l.server, cap(l.turns)))
	}
	bounded, cancel := context.WithTimeout(inTime, l.timeout)
	defer cancel()
	policy := l.retry
	policy.OnWait = func(err error, wait time.Duration) {
		log.DebugContext(ctx, "embedding request failed, trying again", "error", err, "wait", wait)
	}
	result, err := retry.Do(bounded, policy, f)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return zero, l.timeoutError(ctx, bounded, start, err)
	default:
		return zero, classify(err)
	}
}

// timeoutError returns the error of an operation that began at start and had no result when
// bounded ended. bounded is derived from the caller's ctx. If ctx itself has ended, the
// error is that of ctx.
func (l *lane) timeoutError(ctx, bounded context.Context, start time.Time, cause error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	deadline, _ := bounded.Deadline()
	had := deadline.Sub(start).Round(time.Millisecond)
	// the cause is not wrapped, since callers would take a context error for that of their
	// own context
	if had < l.minWait {
		return fmt.Errorf("no answer in the %v that were left before the caller's deadline: %s: %w", had, cause.Error(), context.DeadlineExceeded)
	}
	return fmt.Errorf("%w: no answer within %v: %s", ErrUnavailable, had, cause.Error())
}

// acquireInputs waits until n more texts may be in flight. The caller must release them.
func (l *lane) acquireInputs(ctx context.Context, n int) error {
	if l.yield != nil {
		if err := l.yield(ctx); err != nil {
			return fmt.Errorf("%s is still busy with queries: %w", l.server, err)
		}
	}
	if err := l.inputs.Acquire(ctx, int64(n)); err != nil {
		return fmt.Errorf("%s already has as many texts in flight as it accepts: %w", l.server, err)
	}
	return nil
}
