package lease_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/lease"
)

// TestKeep checks that beats go on after an error, end when the lease is lost, and that
// the context says why it ended.
func TestKeep(t *testing.T) {
	t.Parallel()
	unknown := errors.New("unknown")
	for _, test := range []struct {
		name  string
		beats []func() (bool, error)
		cause func(error) bool
	}{
		{"lost", []func() (bool, error){held(true, nil), held(false, unknown), held(true, nil), held(false, nil)}, func(err error) bool {
			return errors.Is(err, lease.ErrLost)
		}},
		{"panic", []func() (bool, error){held(true, nil), func() (bool, error) { panic("odd") }}, func(err error) bool {
			var panicked *guard.PanicError
			return errors.As(err, &panicked)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				beats := 0
				kept, release := lease.Keep(t.Context(), time.Second, func(context.Context) (bool, error) {
					beats++
					return test.beats[beats-1]()
				})
				<-kept.Done()
				if cause := context.Cause(kept); !test.cause(cause) || beats != len(test.beats) {
					t.Errorf("ended with %v after %d beats", cause, beats)
				}
				release()
			})
		})
	}
}

// TestRelease checks that release ends the context, and that no beat follows.
func TestRelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		kept, release := lease.Keep(t.Context(), time.Second, func(context.Context) (bool, error) {
			beats++
			return true, nil
		})
		time.Sleep(3500 * time.Millisecond)
		release()
		time.Sleep(time.Minute)
		if beats != 3 || kept.Err() == nil || errors.Is(context.Cause(kept), lease.ErrLost) {
			t.Errorf("%d beats, want 3; ended with %v", beats, context.Cause(kept))
		}
	})
}

func held(held bool, err error) func() (bool, error) {
	return func() (bool, error) { return held, err }
}
