package v1

import (
	"context"
	"sync"
	"time"
)

const (
	// firstInFlight is how many documents of an import are worked on at once whatever
	// they take: enough that a slow model server has the next one while Postgres
	// stores the last.
	firstInFlight = 4
	// promptly is how long a document may take for more to be worked on at once; if
	// it takes longer, fewer are. All of them are to be done long before the deadline
	// of each.
	promptly = 2 * time.Second
	// bytesInFlight bounds the texts that are worked on at once, one aside: their
	// vectors take some 25 times as much.
	bytesInFlight = 4 << 20
)

// pace says how many documents of an import are worked on at once: as many as the
// model server and Postgres keep up with.
type pace struct {
	mu      sync.Mutex
	most    int
	working int
	bytes   int
	ended   chan struct{} // holds one value once one has ended
}

func newPace() *pace { return &pace{most: firstInFlight, ended: make(chan struct{}, 1)} }

// begin waits until another document of that size may be worked on. It is called by
// one goroutine.
func (p *pace) begin(ctx context.Context, size int) error {
	for !p.admit(size) {
		select {
		case <-p.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *pace) admit(size int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.working > 0 && (p.working >= p.most || p.bytes+size > bytesInFlight) {
		return false
	}
	p.working, p.bytes = p.working+1, p.bytes+size
	return true
}

// end takes note of a document that is done, and of how long it took.
func (p *pace) end(size int, took time.Duration) {
	p.mu.Lock()
	p.working, p.bytes = p.working-1, p.bytes-size
	if took <= promptly {
		p.most = min(p.most+1, importsInFlight)
	} else {
		p.most = max(p.most-1, firstInFlight)
	}
	p.mu.Unlock()
	select {
	case p.ended <- struct{}{}:
	default:
	}
}
