package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/space"
)

const (
	// verifyEvery is how long a server counts as one that makes a space's vectors
	// before it is asked again, beside the calls.
	verifyEvery = 5 * time.Minute
	// refuseFor is how long a space that no server makes the vectors of is refused
	// without asking them: asking embeds some texts with each.
	refuseFor = 5 * time.Second
	// forgetAfter is how long a space that no one asks for is remembered.
	forgetAfter = 2 * verifyEvery
)

// serving is what is known of who makes the vectors of a space.
type serving struct {
	found   *found // nil where that is to be found out
	refused error  // space.ErrModelMismatch; nil where a server was found
	at      time.Time

	active bool    // the space is searched
	last   *server // that was found
	asked  time.Time
}

// spaceKey tells spaces apart. Two models of one name make spaces of one id, and
// the first numbers of their fingerprints differ.
func spaceKey(sp space.Space) string {
	const numbers = 8
	var head []float32
	if len(sp.Fingerprint) > 0 {
		head = sp.Fingerprint[0][:min(numbers, len(sp.Fingerprint[0]))]
	}
	return fmt.Sprint(sp.ID, sp.Server, head)
}

// Serving returns a space with WindowTokens as its server takes them now, and with
// its fingerprint if it had none.
// space.ErrModelMismatch where no configured server makes its vectors; the error
// of a server that cannot be asked where that may be one.
func (s *Servers) Serving(ctx context.Context, sp space.Space) (space.Space, error) {
	f, err := s.find(ctx, sp)
	if err != nil {
		return space.Space{}, err
	}
	sp.WindowTokens, sp.Fingerprint = f.windowTokens, f.fingerprint
	return sp, nil
}

// SameModel reports whether two fingerprints are of one model.
func (s *Servers) SameModel(a, b [][]float32) bool {
	_, same := embed.SameModel(a, b)
	return same
}

// find returns a server that makes the vectors of a space. One that was found
// answers at once, and is asked again beside the calls when that was long ago.
func (s *Servers) find(ctx context.Context, sp space.Space) (*found, error) {
	key := spaceKey(sp)
	s.mu.Lock()
	e, ok := s.spaces[key]
	if !ok {
		e = &serving{}
		s.spaces[key] = e
	}
	e.asked, e.active = time.Now(), sp.State == space.Active
	f, refused, age := e.found, e.refused, time.Since(e.at)
	s.mu.Unlock()
	switch {
	case f != nil && age < verifyEvery:
		return f, nil
	case refused != nil && age < refuseFor:
		return nil, refused
	}
	verified := s.ask("space "+key, func(ctx context.Context) (any, error) { return s.verify(ctx, sp, e) })
	if f != nil {
		return f, nil
	}
	answer, err := await(ctx, verified)
	if err != nil {
		return nil, err
	}
	return answer.(*found), nil
}

// verify looks for a server that makes the vectors of a space, and takes note.
func (s *Servers) verify(ctx context.Context, sp space.Space, e *serving) (*found, error) {
	f, err := s.search(ctx, sp)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.found, e.refused, e.at = f, nil, time.Now()
	switch {
	case err == nil:
		if e.last != f.server {
			s.log.InfoContext(ctx, "model server found", "space", sp.ID, "model", sp.Model, "server", f.server.name)
		}
		e.last = f.server
	case errors.Is(err, space.ErrModelMismatch):
		e.refused = err
		s.log.ErrorContext(ctx, "no model server for a space", "error", err)
	}
	return f, err
}

// judge has a server asked again what it makes, before it is used again, where a
// call failed for its sake: it may come back with another model. It returns err.
func (s *Servers) judge(sp space.Space, f *found, err error) error {
	if !embed.Unavailable(err) && !errors.Is(err, embed.ErrModelMismatch) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.spaces[spaceKey(sp)]; e != nil && e.found == f {
		e.found = nil
	}
	return err
}

// Check says whether the servers of the spaces that are searched are well, as far
// as these were asked for lately; whether the default server is where none was.
func (s *Servers) Check(ctx context.Context) error {
	for _, srv := range s.used() {
		if err := srv.client.Check(ctx); err != nil {
			return fmt.Errorf("model server %s: %w", srv.name, err)
		}
	}
	return nil
}

// used returns the servers that Check asks, and forgets spaces that no one asks
// for.
func (s *Servers) used() []*server {
	s.mu.Lock()
	defer s.mu.Unlock()
	var servers []*server
	for key, e := range s.spaces {
		switch {
		case time.Since(e.asked) > forgetAfter:
			delete(s.spaces, key)
		case e.active && e.last != nil && !slices.Contains(servers, e.last):
			servers = append(servers, e.last)
		}
	}
	if servers == nil {
		servers = s.list[:1]
	}
	return servers
}
