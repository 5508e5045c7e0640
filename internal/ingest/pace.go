package ingest

import (
	"context"
	"sync"
	"time"
)

const (
	// firstInFlight is the minimum number of documents of an import that are processed
	// at once, even if they are slow. It keeps a slow model server busy while Postgres
	// stores the previous document.
	firstInFlight = 4
	// promptly is the time limit below which a finished document raises the number that
	// is processed at once; above it, the number falls. Documents should finish long
	// before their deadlines.
	promptly = 2 * time.Second
	// bytesInFlight limits the total length of the texts that are processed at once,
	// though one longer text may run alone. Their vectors take some 25 times as much
	// memory.
	bytesInFlight = 4 << 20
)

// pace decides how many documents of an import are processed at once: as many as the
// model server and Postgres keep up with.
type pace struct {
	mu      sync.Mutex
	limit   int
	working int
	bytes   int
	ended   chan struct{} // holds a value after a document has ended
}

func newPace() *pace { return &pace{limit: firstInFlight, ended: make(chan struct{}, 1)} }

// begin waits until another document of that size may start. Only one goroutine may call
// it.
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
	if p.working > 0 && (p.working >= p.limit || p.bytes+size > bytesInFlight) {
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
