package embed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/accord-search/accord/internal/embed/driver"
)

const (
	// breakerFailures is the number of consecutive failures that open a breaker. It
	// exceeds queryTries, so that a single query cannot open the breaker.
	breakerFailures = 5
	// breakerPause is how long an open breaker blocks all requests. It is short, so
	// that recovery is noticed within a second.
	breakerPause = 500 * time.Millisecond
	// breakerMinWait is how long a request must have waited for its timeout to count as a
	// failure, so that a caller with a short deadline does not open the breaker for others.
	breakerMinWait = 500 * time.Millisecond
)

// breaker blocks requests to a server that is down: queries then fail at once, and passages
// wait. It counts only errors that show that the server is unreachable or not ready, not
// errors that a text may have caused.
type breaker struct {
	server  string
	circuit *gobreaker.CircuitBreaker[driver.Response]
	last    atomic.Pointer[driver.Error]
}

// newBreaker returns a breaker that blocks all requests for pause once it opens.
func newBreaker(server string, pause time.Duration) *breaker {
	return &breaker{server: server, circuit: gobreaker.NewCircuitBreaker[driver.Response](gobreaker.Settings{
		MaxRequests:  1,
		Timeout:      pause,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= breakerFailures },
		IsSuccessful: func(err error) bool { return !isDown(err) },
		IsExcluded: func(err error) bool {
			var early *earlyTimeoutError
			return errors.Is(err, context.Canceled) || errors.As(err, &early)
		},
	})}
}

// do calls f. If the breaker is open, it returns an error that wraps
// gobreaker.ErrOpenState instead.
func (b *breaker) do(f func() (driver.Response, error)) (driver.Response, error) {
	resp, err := b.circuit.Execute(func() (driver.Response, error) {
		start := time.Now()
		resp, err := f()
		if errors.Is(err, context.DeadlineExceeded) && time.Since(start) < breakerMinWait {
			return resp, &earlyTimeoutError{err}
		}
		var failure *driver.Error
		if isDown(err) && errors.As(err, &failure) {
			b.last.Store(failure)
		}
		return resp, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return resp, fmt.Errorf("%s is not called for a moment because it failed several times in a row, last with %s: %w",
			b.server, b.last.Load().Error(), gobreaker.ErrOpenState)
	}
	return resp, err
}

// halfOpen reports whether the outcome of the next request decides whether the breaker
// closes.
func (b *breaker) halfOpen() bool { return b.circuit.State() == gobreaker.StateHalfOpen }

// isDown reports whether err shows that a server is unreachable or not ready.
func isDown(err error) bool {
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	switch failure.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	// The connection broke before or during the answer.
	return failure.Temporary && failure.Status != http.StatusTooManyRequests
}

// earlyTimeoutError wraps the timeout of a request that had too little time to be answered.
type earlyTimeoutError struct{ error }

// Unwrap returns the timeout.
func (e *earlyTimeoutError) Unwrap() error { return e.error }
