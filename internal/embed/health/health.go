// Package health remembers whether a model server answers. All kinds of model servers use it.
package health

import (
	"sync"
	"time"
)

// State says whether a model server answers.
type State int

// The states of a model server.
const (
	NotAsked  State = iota // no request has ended yet
	Answering              // the last request succeeded
	Failing                // the last request failed because of the server
)

// Health is the state of a model server.
type Health struct {
	State State
	// Since is when the server got its state, and Asked when the last request ended. Both are
	// zero for NotAsked.
	Since, Asked time.Time
	// Latency is how long the last successful request took, or 0 if there was none.
	Latency time.Duration
}

// Record keeps the health of one server. The zero Record is that of a server that was not asked.
// It is safe for concurrent use.
type Record struct {
	mu     sync.Mutex
	health Health
}

// Now returns the current health.
func (r *Record) Now() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.health
}

// Ended records that a request has ended, and whether the server answered it.
func (r *Record) Ended(answered bool) {
	state := Failing
	if answered {
		state = Answering
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Asked = time.Now()
	if r.health.State != state {
		r.health.State, r.health.Since = state, r.health.Asked
	}
}

// Took records how long a successful request took.
func (r *Record) Took(latency time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Latency = latency
}
