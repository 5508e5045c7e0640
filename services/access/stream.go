package access

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/guard"
)

// checkInterval is the time between two checks of the caller during a call, and how long a
// check before the request remains valid. It is short enough that a revoked key is refused
// within a second.
const checkInterval = 300 * time.Millisecond

// guardedStream checks its caller, and the collection of each message that it receives. Only
// one goroutine may receive at a time, as for every stream. A stream that only answers one
// request also checks its caller before each answer. Other streams do not, because every
// message that they have received must be answered.
type guardedStream struct {
	grpc.ServerStream
	ctx     context.Context
	guard   *Guard
	method  string
	caller  auth.Identity
	checked time.Time
	// answersOnly means that the caller sends one message, and then only receives. asked means
	// that this message has arrived.
	answersOnly, asked bool
}

// Context returns the context of the stream, with its caller.
func (s *guardedStream) Context() context.Context { return s.ctx }

// RecvMsg receives a message. While it waits, it checks the caller, so that a stream does
// not stay open for a caller whose key was revoked.
func (s *guardedStream) RecvMsg(m any) error {
	received := make(chan error, 1)
	// The goroutine ends when the message arrives or when the stream ends, which it does
	// once the handler has returned this error.
	go func() { received <- guard.Call(func() error { return s.ServerStream.RecvMsg(m) }) }()
	ticks := time.NewTicker(checkInterval)
	defer ticks.Stop()
	for {
		select {
		case err := <-received:
			if err != nil {
				return err
			}
			if err := s.check(); err != nil {
				return err
			}
			if !covers(s.caller.Collections, s.method, m) {
				return s.guard.refuse(s.ctx, s.method, s.caller, errCollection)
			}
			s.asked = s.answersOnly
			return nil
		case <-ticks.C:
			if err := s.check(); err != nil {
				return err
			}
		}
	}
}

// check checks the caller, unless it did so within checkInterval.
func (s *guardedStream) check() error {
	if time.Since(s.checked) < checkInterval {
		return nil
	}
	caller, err := s.guard.admit(s.ctx, s.method)
	switch {
	case err == nil:
		s.caller = caller
	case s.asked && mayEnd(err): // like a unary call
	default:
		return s.guard.refuse(s.ctx, s.method, caller, err)
	}
	s.checked = time.Now()
	return nil
}

// SendMsg sends a message.
func (s *guardedStream) SendMsg(m any) error {
	if s.answersOnly {
		if err := s.check(); err != nil {
			return err
		}
	}
	return s.ServerStream.SendMsg(m)
}
