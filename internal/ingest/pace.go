package ingest

import (
	"context"
	"sync"
	"time"
)

const (
	// firstInFlight is the number of documents of an import that are always processed at
	// once, even if they are slow. So a slow model server stays busy while Postgres stores
	// the previous document.
	firstInFlight = 4
	// promptly is the duration that decides how many documents are processed at once: a
	// document that took less raises the number, one that took longer lowers it. Documents
	// should end long before their deadlines.
	promptly = 2 * time.Second
	// bytesInFlight limits the total length of the texts that are processed at once. A
	// single longer text is processed alone. Vectors take about 25 times the memory of
	// their texts.
	bytesInFlight = 4 << 20
)

// pace decides how many documents of an import are processed at once: as many as the model
// server and Postgres can keep up with, and one while the import must yield.
type pace struct {
	yields  func() bool // nil if it never yields
	mu      sync.Mutex
	limit   int
	working int
	bytes   int
	ended   chan struct{} // gets a value when a document has ended
}

func newPace(yields func() bool) *pace {
	return &pace{yields: yields, limit: firstInFlight, ended: make(chan struct{}, 1)}
}

// begin waits until another document of that size may start. Only one goroutine may call it
// at a time.
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
	if p.working > 0 && (p.working >= p.limit || p.bytes+size > bytesInFlight || p.yields != nil && p.yields()) {
		return false
	}
	p.working, p.bytes = p.working+1, p.bytes+size
	return true
}

// end records a finished document and the time it took.
func (p *pace) end(size int, took time.Duration) {
	p.mu.Lock()
	p.working, p.bytes = p.working-1, p.bytes-size
	if took <= promptly {
		p.limit = min(p.limit+1, importsInFlight)
	} else {
		p.limit = max(p.limit-1, firstInFlight)
	}
	p.mu.Unlock()
	select {
	case p.ended <- struct{}{}:
	default:
	}
}
