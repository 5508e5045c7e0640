// Package guard turns panics into errors, so that a goroutine which runs on a caller's
// data fails that call and not the server.
package guard

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// panics is a number of this process, like what the Go runtime counts.
var panics atomic.Int64

// Panics returns how many panics became errors in this process.
func Panics() int64 { return panics.Load() }

// Count counts a panic that was recovered elsewhere.
func Count() { panics.Add(1) }

// PanicError is a panic that was turned into an error.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine that panicked
}

// Error returns the value and the stack. The text is for logs, not for callers.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Unwrap returns the value if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Call returns the error of f. If f panics, it returns a *PanicError.
func Call(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			Count()
			err = &PanicError{value, debug.Stack()}
		}
	}()
	return f()
}

// Func returns f as a function that returns a *PanicError if f panics. Use it for what an
// errgroup.Group runs.
func Func(f func() error) func() error {
	return func() error { return Call(f) }
}
