package v1_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestReplicaRestarts: while the replica crashes and restarts, no search fails, and
// searches see their callers' writes.
func TestReplicaRestarts(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, time.Second)
	first, err := r.write(t.Context(), "first", "beginning")
	if err != nil {
		t.Fatal(err)
	}
	// Searches without a position may use a replica that lags a little, so it must have
	// replayed the first document.
	written := r.Primary.Position(t)
	for deadline := time.Now().Add(30 * time.Second); r.Replica.Position(t) < written; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the replica does not replay the first document")
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var (
		wait     sync.WaitGroup
		searches atomic.Int64
	)
	for n := range 3 {
		wait.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id, word, position := "first", "beginning", first
				if n == 0 {
					id, word = fmt.Sprintf("d%d", i%20), fmt.Sprintf("quux%dend", i)
					var err error
					if position, err = r.write(context.Background(), id, word); err != nil {
						t.Error(err)
						return
					}
				}
				if err := r.find(context.Background(), position, id, word); err != nil {
					t.Errorf("search %d: %v", searches.Load(), err)
					return
				}
				searches.Add(1)
			}
		})
	}
	const crashes = 4
	for range crashes {
		time.Sleep(300 * time.Millisecond)
		r.Replica.Stop(t)
		r.waitFor(t, false)
		time.Sleep(300 * time.Millisecond)
		r.Replica.Start(t)
		r.waitFor(t, true)
	}
	before := r.traced.of(r.Replica.URL)
	time.Sleep(300 * time.Millisecond)
	if r.traced.of(r.Replica.URL) == before {
		t.Error("the replica answers nothing after its restart")
	}
	r.Replica.Exec(t, "SELECT pg_promote()")
	r.waitFor(t, false)
	time.Sleep(100 * time.Millisecond)
	stop()
	wait.Wait()
	t.Logf("%d searches over %d crashes", searches.Load(), crashes)
}

// TestReplicaHangs: if a replica stops responding, the primary answers its searches
// within seconds, and the replica is not used until it responds again.
func TestReplicaHangs(t *testing.T) {
	t.Parallel()
	r := startReplicated(t, 5*time.Second)
	if _, err := r.write(t.Context(), "first", "beginning"); err != nil {
		t.Fatal(err)
	}
	r.awaitReplayed(t, "first", "beginning")
	time.Sleep(500 * time.Millisecond)
	thaw := r.Replica.Freeze(t)
	defer thaw() // a paused replica cannot be stopped
	const searches, patience = 8, 10 * time.Second
	var wait sync.WaitGroup
	begun := time.Now()
	for range searches {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := r.find(ctx, "", "first", "beginning"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	t.Logf("%d searches took %v", searches, time.Since(begun))
	r.waitFor(t, false)
	fastest := time.Hour
	for range searches { // one of them may be slow on a busy machine
		begun = time.Now()
		if err := r.find(t.Context(), "", "first", "beginning"); err != nil {
			t.Error(err)
		}
		fastest = min(fastest, time.Since(begun))
	}
	if fastest > time.Second {
		t.Errorf("a search takes %v, although the replica is not in use", fastest)
	}
	thaw()
	r.waitFor(t, true)
}
