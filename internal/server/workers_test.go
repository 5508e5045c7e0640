package server

import (
	"bytes"
	"context"
	"runtime"
	"sync/atomic"
	"testing"
)

// TestCallsShareGoroutines: calls that follow each other are handled by the same few
// goroutines. A call that comes while all of them are busy is handled too.
func TestCallsShareGoroutines(t *testing.T) {
	t.Parallel()
	const calls = 10 * callWorkers
	handled, inside := make(chan string, calls), make(chan struct{})
	var waits atomic.Bool
	r := start(t, Config{}, func(context.Context) error {
		stack := make([]byte, 64)
		id, _, _ := bytes.Cut(stack[:runtime.Stack(stack, false)], []byte(" ["))
		handled <- string(id)
		if waits.Load() {
			inside <- struct{}{}
		}
		return nil
	})
	goroutines := map[string]bool{}
	for range calls {
		if err := r.call(t.Context()); err != nil {
			t.Fatal(err)
		}
		goroutines[<-handled] = true
	}
	if len(goroutines) > calls/2 {
		t.Errorf("%d goroutines handled %d calls", len(goroutines), calls)
	}
	waits.Store(true)
	ended := make(chan error, 2*callWorkers)
	for range cap(ended) {
		go func() { ended <- r.call(t.Context()) }()
	}
	for range cap(ended) { // all are in progress
		<-handled
	}
	for range cap(ended) {
		<-inside
	}
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
