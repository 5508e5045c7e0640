package keylock_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/accord-search/accord/internal/keylock"
)

// TestLocks checks that only one goroutine at a time holds the lock of a key, that the
// locks of other keys are free meanwhile, and that no key takes memory in the end.
func TestLocks(t *testing.T) {
	t.Parallel()
	const keys, callers, rounds = 3, 4, 100
	var (
		locks   keylock.Locks
		counts  [keys]int // the race detector reports if two goroutines hold the same lock
		working sync.WaitGroup
	)
	for range callers {
		working.Go(func() {
			for n := range rounds * keys {
				release, err := locks.Acquire(t.Context(), fmt.Sprint(n%keys))
				if err != nil {
					t.Error(err)
					return
				}
				counts[n%keys]++
				release()
			}
		})
	}
	working.Wait()
	for key, n := range counts {
		if n != callers*rounds {
			t.Errorf("key %d: %d, want %d", key, n, callers*rounds)
		}
	}
	if n := locks.Len(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
}

// TestAcquireEnds checks that a goroutine that gives up waiting leaves nothing behind.
func TestAcquireEnds(t *testing.T) {
	t.Parallel()
	var locks keylock.Locks
	release, err := locks.Acquire(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := locks.Acquire(ctx, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	release()
	if n := locks.Len(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
}
