// Package guard turns panics into errors, so that a panic in a goroutine fails the call
// that the goroutine works for, and not the whole server.
package guard

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
)

// panics counts for the whole process, like metrics of the Go runtime.
var panics atomic.Int64

// Panics returns how many panics this process has turned into errors.
func Panics() int64 { return panics.Load() }

// Count counts a panic that was recovered elsewhere.
func Count() { panics.Add(1) }

// PanicError is a panic that was turned into an error.
type PanicError struct {
	Value any    // value that panic was called with
	Stack []byte // stack of the goroutine that panicked
}

// Error returns the value and the stack. It is for logs, not for callers.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Unwrap returns the value if that is an error.
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

// Func returns a function that calls f and returns a *PanicError if f panics. Use it for
// functions that an errgroup.Group runs.
func Func(f func() error) func() error {
	return func() error { return Call(f) }
}

// Log returns a function that calls f and logs an error if f panics. Use it for background
// work, which has no caller to get an error. task names the work in the log.
func Log(log *slog.Logger, task string, f func()) func() {
	return func() {
		if err := Call(func() error { f(); return nil }); err != nil {
			log.Error("a background task panicked and has ended", "task", task, "error", err)
		}
	}
}
