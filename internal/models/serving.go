package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/space"
)

const (
	// verifyEvery is how long a server counts as one that makes a space's vectors
	// before it is asked again, beside the calls.
	verifyEvery = time.Minute
	// refuseFor is how long a space that no server makes the vectors of is refused
	// without asking them: asking embeds some texts with each.
	refuseFor = 5 * time.Second
	// restFor is how long a server that could not be asked is left alone.
	restFor = time.Second
	// forgetAfter is how long a space that no one asks for is remembered.
	forgetAfter = 10 * time.Minute
)

// serving is what is known of who makes the vectors of a space.
type serving struct {
	// found is the server that was seen to make them, nil where none was. It stays
	// while that server is away.
	found *found
	// failed is why the last look found none; nil where it did.
	failed  error
	at      time.Time // of the last look
	looking int       // looks under way

	space           space.Space
	asked, searched time.Time // when it was last asked for, at all and as an active space
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
// of a server that cannot be asked where that may be one. Of a server that is away
// it gives what was known.
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
	e.asked, e.space = time.Now(), sp
	if sp.State == space.Active {
		e.searched = e.asked
	}
	now, age := *e, time.Since(e.at)
	s.mu.Unlock()
	if now.found != nil {
		if age >= verifyEvery {
			s.look(key, sp, e)
		}
		return now.found, nil
	}
	if now.failed != nil && (age < restFor || age < refuseFor && errors.Is(now.failed, space.ErrModelMismatch)) {
		return nil, now.failed
	}
	answer, err := await(ctx, s.look(key, sp, e))
	if err != nil {
		return nil, err
	}
	return answer.(*found), nil
}

// sure returns nil where a server that was found makes the vectors of a space
// still, asking it again if it was away since: what answers now may be another
// model. Queries come before they are embedded: one of them is kept waiting, others
// get the error of a server that cannot be reached. Passages, which the server has
// just embedded, wait.
func (s *Servers) sure(ctx context.Context, sp space.Space, f *found, input driver.Input) error {
	key := spaceKey(sp)
	s.mu.Lock()
	e := s.spaces[key]
	if e == nil || e.found != nil && e.found.server == f.server && !e.found.doubtful() {
		s.mu.Unlock()
		return nil
	}
	failed, looking, age := e.failed, e.looking, time.Since(e.at)
	s.mu.Unlock()
	switch {
	case input == driver.Passage:
	case failed != nil && age < restFor:
		return failed
	case looking > 0:
		return fmt.Errorf("%w: model server %s was away, and is still being asked what it serves now", embed.ErrUnavailable, f.server.name)
	}
	answer, err := await(ctx, s.look(key, sp, e))
	if err == nil && answer.(*found).server != f.server {
		err = fmt.Errorf("%w: model server %s was away, and another one took its place", embed.ErrUnavailable, f.server.name)
	}
	return err
}

// doubtful reports whether the server was away since it was found.
func (f *found) doubtful() bool { return f.server.client.Outages() != f.outages }

// look has the servers asked which of them makes the vectors of a space.
func (s *Servers) look(key string, sp space.Space, e *serving) <-chan singleflight.Result {
	return s.ask("space "+key, askTimeout, func(ctx context.Context) (any, error) {
		s.mu.Lock()
		e.looking++
		before := e.found
		s.mu.Unlock()
		if before != nil && before.doubtful() {
			before.server.client.Reset() // what it takes may have changed too
		}
		f, err := s.search(ctx, sp)
		s.mu.Lock()
		defer s.mu.Unlock()
		e.looking--
		s.note(ctx, sp, e, f, err)
		return f, err
	})
}

// note writes down what a look found.
func (s *Servers) note(ctx context.Context, sp space.Space, e *serving, f *found, err error) {
	e.failed, e.at = err, time.Now()
	switch {
	case err == nil:
		if e.found == nil || e.found.server != f.server {
			s.log.InfoContext(ctx, "model server found", "space", sp.ID, "model", sp.Model, "server", f.server.name)
		}
		e.found = f
	case errors.Is(err, space.ErrModelMismatch):
		e.found = nil
		s.log.ErrorContext(ctx, "no model server for a space", "error", err)
	}
}

// judge takes note of what a failed call says of a server. It returns err.
func (s *Servers) judge(sp space.Space, f *found, err error) error {
	other := errors.Is(err, embed.ErrModelMismatch)
	if !other && !embed.Unavailable(err) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.spaces[spaceKey(sp)]
	if e == nil || e.found != f {
		return err
	}
	e.at = time.Time{} // it is asked again, beside the calls
	if other {
		f.server.client.Reset()
		e.found, e.failed = nil, nil
	}
	return err
}

// Check says whether the servers of the spaces that are searched are well, as far
// as these were asked for lately, and known again after they were away; whether the
// default server is well where none was asked for.
func (s *Servers) Check(ctx context.Context) error {
	used := s.used()
	if len(used) == 0 {
		return s.list[0].check(ctx)
	}
	checked := map[*server]bool{}
	for key, e := range used {
		if srv := e.found.server; !checked[srv] {
			checked[srv] = true
			if err := srv.check(ctx); err != nil {
				return err
			}
		}
		if !e.found.doubtful() {
			continue
		}
		s.mu.Lock()
		current := s.spaces[key]
		s.mu.Unlock()
		if current == nil {
			continue
		}
		if _, err := await(ctx, s.look(key, e.space, current)); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) check(ctx context.Context) error {
	if err := s.client.Check(ctx); err != nil {
		return fmt.Errorf("model server %s: %w", s.name, err)
	}
	return nil
}

// used returns what is known of the spaces that are searched, by their keys, and
// forgets spaces that no one asks for.
func (s *Servers) used() map[string]serving {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := map[string]serving{}
	for key, e := range s.spaces {
		switch {
		case time.Since(e.asked) > forgetAfter:
			delete(s.spaces, key)
		case time.Since(e.searched) < forgetAfter && e.found != nil:
			used[key] = *e
		}
	}
	return used
}
