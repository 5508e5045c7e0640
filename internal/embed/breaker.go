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
	// breakerFailures in a row open a breaker: more than one query with its tries.
	breakerFailures = 5
	// breakerPause is how long it lets nothing through then, so that recovery
	// shows within a second.
	breakerPause = 500 * time.Millisecond
	// fairAnswerTime is what a request must have had for its lack of an answer to
	// count: a caller with a tight deadline must not cut off the others.
	fairAnswerTime = 500 * time.Millisecond
)

// breaker keeps requests from a server that is down: queries are told so at
// once, passages wait. Only what says that the server is not there or not ready
// counts, not what may be the fault of a text.
type breaker struct {
	server  string
	circuit *gobreaker.CircuitBreaker[driver.Response]
	last    atomic.Pointer[driver.Error]
}

// newBreaker returns a breaker that lets nothing through for pause once it opens.
func newBreaker(server string, pause time.Duration) *breaker {
	return &breaker{server: server, circuit: gobreaker.NewCircuitBreaker[driver.Response](gobreaker.Settings{
		MaxRequests:  1,
		Timeout:      pause,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= breakerFailures },
		IsSuccessful: func(err error) bool { return !down(err) },
		IsExcluded: func(err error) bool {
			var unfair *unfairError
			return errors.Is(err, context.Canceled) || errors.As(err, &unfair)
		},
	})}
}

// do calls f, unless the breaker is open. Its error then wraps
// gobreaker.ErrOpenState.
func (b *breaker) do(f func() (driver.Response, error)) (driver.Response, error) {
	resp, err := b.circuit.Execute(func() (driver.Response, error) {
		start := time.Now()
		resp, err := f()
		if errors.Is(err, context.DeadlineExceeded) && time.Since(start) < fairAnswerTime {
			return resp, &unfairError{err}
		}
		var failure *driver.Error
		if down(err) && errors.As(err, &failure) {
			b.last.Store(failure)
		}
		return resp, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return resp, fmt.Errorf("%s is left alone for a moment, since it failed several times in a row, last with %s: %w",
			b.server, b.last.Load().Error(), gobreaker.ErrOpenState)
	}
	return resp, err
}

// trying reports whether the next request decides whether the server is back.
func (b *breaker) trying() bool { return b.circuit.State() == gobreaker.StateHalfOpen }

// down reports whether an error says that a server is not there or not ready.
func down(err error) bool {
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
	// Broken before an answer, or inside one.
	return failure.Temporary && failure.Status != http.StatusTooManyRequests
}

// unfairError is the end of a request that had too little time.
type unfairError struct{ error }

// Unwrap returns what it ended with.
func (e *unfairError) Unwrap() error { return e.error }
