package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/retry"
)

var errBusy = errors.New("busy")

// TestDo runs in a synctest bubble, whose time is exact and takes no real time.
func TestDo(t *testing.T) {
	t.Parallel()
	temporary := &driver.Error{Status: 503, Temporary: true}
	asks := func(wait time.Duration) error {
		return &driver.Error{Status: 429, Temporary: true, RetryAfter: wait}
	}
	for _, test := range []struct {
		name     string
		left     time.Duration // time to the deadline; 0 for none
		failures []error       // errors of the attempts before the one that succeeds
		calls    int
		fails    bool
		min, max time.Duration // bounds of the time taken
	}{
		{name: "at once", calls: 1},
		{name: "waits that double and vary", failures: []error{temporary, temporary, temporary}, calls: 4, min: 350 * time.Millisecond, max: 1050 * time.Millisecond},
		{name: "too many", failures: []error{temporary, temporary, temporary, temporary}, calls: 4, fails: true, min: 350 * time.Millisecond, max: 1050 * time.Millisecond},
		{name: "the server's wait", failures: []error{asks(2 * time.Second)}, calls: 2, min: 2 * time.Second, max: 2 * time.Second},
		{name: "the server's wait fits", left: 3 * time.Second, failures: []error{asks(2 * time.Second)}, calls: 2, min: 2 * time.Second, max: 2 * time.Second},
		{name: "the server's wait outlasts the deadline", left: time.Second, failures: []error{asks(2 * time.Second)}, calls: 1, fails: true},
		{name: "own wait outlasts the deadline", left: 40 * time.Millisecond, failures: []error{temporary}, calls: 1, fails: true},
		{name: "refused", failures: []error{&driver.Error{Status: 422}}, calls: 1, fails: true},
		{name: "an error of the policy", failures: []error{errBusy}, calls: 2, min: 50 * time.Millisecond, max: 150 * time.Millisecond},
		{name: "another error", failures: []error{errors.New("odd")}, calls: 1, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if test.left > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.left)
					defer cancel()
				}
				start, calls, waits := time.Now(), 0, 0
				policy := retry.Policy{
					Tries: 4, Pause: retry.FirstPause,
					Retryable: func(err error) bool { return errors.Is(err, errBusy) },
					OnWait: func(err error, _ time.Duration) {
						if !errors.Is(err, test.failures[waits]) {
							t.Errorf("wait %d after %v, want %v", waits, err, test.failures[waits])
						}
						waits++
					},
				}
				got, err := retry.Do(ctx, policy, func(context.Context) (int, error) {
					if calls++; calls <= len(test.failures) {
						return 0, test.failures[calls-1]
					}
					return calls, nil
				})
				if calls != test.calls || waits != calls-1 {
					t.Errorf("%d attempts and %d waits, want %d", calls, waits, test.calls)
				}
				switch {
				case test.fails && !errors.Is(err, test.failures[calls-1]):
					t.Errorf("error %v, want that of the last attempt", err)
				case !test.fails && (err != nil || got != calls):
					t.Errorf("got %d, error %v", got, err)
				}
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("took %v, want %v to %v", took, test.min, test.max)
				}
			})
		})
	}
}

// TestDoEndsWithItsContext checks that a wait ends with the context, and that the error is
// then still the server's.
func TestDoEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start, failure := time.Now(), &driver.Error{Status: 503, Temporary: true, RetryAfter: time.Minute}
		_, err := retry.Do(ctx, retry.Policy{Tries: 2, Pause: time.Second}, func(context.Context) (int, error) { return 0, failure })
		if !errors.Is(err, failure) || time.Since(start) != time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}
