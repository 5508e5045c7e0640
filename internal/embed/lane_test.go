package embed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
)

var discard = slog.New(slog.DiscardHandler)

// These tests run in a synctest bubble, whose time is exact and takes no real time.

func TestAttemptRetries(t *testing.T) {
	t.Parallel()
	overloaded := &driver.Error{Server: "http://s", Status: 503, Temporary: true}
	for _, tc := range []struct {
		name      string
		failures  []error // errors of the attempts before the one that succeeds
		calls     int
		sentinel  error
		wait, max time.Duration // bounds of the time taken
	}{
		{name: "at once", calls: 1},
		{name: "after two", failures: []error{overloaded, overloaded}, calls: 3, wait: 150 * time.Millisecond, max: 450 * time.Millisecond},
		{name: "too many", failures: []error{overloaded, overloaded, overloaded}, calls: 3, sentinel: ErrUnavailable, wait: 150 * time.Millisecond, max: 450 * time.Millisecond},
		{name: "as asked", failures: []error{&driver.Error{Status: 429, Temporary: true, RetryAfter: 2 * time.Second}}, calls: 2, wait: 2 * time.Second, max: 2 * time.Second},
		{name: "asked for longer than there is", failures: []error{&driver.Error{Status: 429, Temporary: true, RetryAfter: time.Minute}}, calls: 1, sentinel: ErrUnavailable},
		{name: "refused", failures: []error{&driver.Error{Status: 422}}, calls: 1, sentinel: ErrRejected},
		{name: "failed", failures: []error{&driver.Error{Status: 500}}, calls: 1, sentinel: ErrUnavailable},
		{name: "malformed", failures: []error{&driver.Error{Status: 200, Err: driver.ErrMalformed}}, calls: 1, sentinel: ErrBadVectors},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, calls := time.Now(), 0
				l := newLane("http://s", driver.Query, 5*time.Second, 1, 8)
				_, err := attempt(t.Context(), l, discard, func(context.Context) (int, error) {
					calls++
					if calls <= len(tc.failures) {
						return 0, tc.failures[calls-1]
					}
					return 1, nil
				})
				if !errors.Is(err, tc.sentinel) {
					t.Errorf("got error %v, want %v", err, tc.sentinel)
				}
				if calls != tc.calls {
					t.Errorf("got %d attempts, want %d", calls, tc.calls)
				}
				if took := time.Since(start); took < tc.wait || took > tc.max {
					t.Errorf("took %v, want %v to %v", took, tc.wait, tc.max)
				}
			})
		})
	}
}

func TestAttemptTimesOut(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, &driver.Error{Server: "http://s", Err: ctx.Err()}
	}
	t.Run("own limit", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := attempt(t.Context(), newLane("http://s", driver.Query, 5*time.Second, 1, 8), discard, hang)
			if !errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got error %v, want %v and no context error", err, ErrUnavailable)
			}
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("took %v, want the 5s of the lane", took)
			}
		})
	})
	for _, tc := range []struct {
		name     string
		input    driver.Input
		timeout  time.Duration // of the lane
		left     time.Duration // time to the caller's deadline
		took     time.Duration
		sentinel error
	}{
		{"caller's limit", driver.Query, 5 * time.Second, time.Second, 900 * time.Millisecond, ErrUnavailable},
		{"caller's limit, passages", driver.Passage, time.Minute, 30 * time.Second, 27 * time.Second, ErrUnavailable},
		{"own limit before the caller's", driver.Passage, 26 * time.Second, 30 * time.Second, 26 * time.Second, ErrUnavailable},
		{"short own limit", driver.Passage, time.Millisecond, 30 * time.Second, time.Millisecond, ErrUnavailable},
		{"too little left to blame the server", driver.Passage, time.Minute, time.Second, 900 * time.Millisecond, context.DeadlineExceeded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), tc.left)
				defer cancel()
				_, err := attempt(ctx, newLane("http://s", tc.input, tc.timeout, 1, 8), discard, hang)
				if !errors.Is(err, tc.sentinel) || errors.Is(err, ErrUnavailable) == errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got error %v, want %v alone", err, tc.sentinel)
				}
				if want := fmt.Sprint(tc.took); err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
				if took := time.Since(start); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
			})
		})
	}
	t.Run("turn too late", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLane("http://s", driver.Passage, time.Minute, 1, 8)
			l.turns <- struct{}{}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			time.AfterFunc(26900*time.Millisecond, func() { <-l.turns })
			if _, err := attempt(ctx, l, discard, hang); !errors.Is(err, ErrUnavailable) {
				t.Errorf("got error %v, want %v", err, ErrUnavailable)
			}
		})
	})
	t.Run("waiting for a turn", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLane("http://s", driver.Query, 5*time.Second, 1, 8)
			l.turns <- struct{}{}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			_, err := attempt(ctx, l, discard, hang)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v, want %v", err, context.Canceled)
			}
		})
	})
}
