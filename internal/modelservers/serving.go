package modelservers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

const (
	// verifyEvery is how long a successful check of a server is trusted before the server
	// is checked again in the background.
	verifyEvery = time.Minute
	// refuseFor is how long calls for a space without a matching server fail without
	// another check, since a check embeds several texts with each server.
	refuseFor = 5 * time.Second
	// restFor is how long a server that could not be asked is left alone.
	restFor = time.Second
	// forgetAfter is how long an unused space is remembered.
	forgetAfter = 10 * time.Minute
	// maxSpaces bounds the remembered spaces. A space that was forgotten is checked again
	// when it is next used.
	maxSpaces = 256
)

// spaceEntry caches which server makes the vectors of a space.
type spaceEntry struct {
	// provider is nil if no server was found. It is kept while its server is away.
	provider *provider
	// err is why the last check found no server, or nil.
	err       error
	checkedAt time.Time // time of the last check
	checking  int       // checks in progress

	space              space.Space
	usedAt, searchedAt time.Time // times of the last use, and of the last use as an active space
}

// spaceKey returns a unique key of a space. If two models have the same name, their spaces
// may have the same id, but the first numbers of their fingerprints differ.
func spaceKey(sp space.Space) string {
	const numbers = 8
	var head []float32
	if len(sp.Fingerprint) > 0 {
		head = sp.Fingerprint[0][:min(numbers, len(sp.Fingerprint[0]))]
	}
	return fmt.Sprint(sp.ID, sp.Server, head)
}

// Serving returns a space with the current WindowTokens of its server, and with its
// fingerprint if it had none. The error wraps space.ErrModelMismatch if no configured
// server makes the vectors of the space. If a server that may match cannot be asked,
// Serving returns that server's error. If the server is away, Serving returns what was
// known before.
func (s *Servers) Serving(ctx context.Context, sp space.Space) (space.Space, error) {
	found, err := s.providerOf(ctx, sp)
	if err != nil {
		return space.Space{}, err
	}
	sp.WindowTokens, sp.Fingerprint = found.windowTokens, found.fingerprint
	return sp, nil
}

// SameModel reports whether two fingerprints belong to the same model.
func (s *Servers) SameModel(a, b [][]float32) bool {
	_, same := embed.SameModel(a, b)
	return same
}

// providerOf returns the provider of a space. A known provider is returned at once; if its
// last check is too old, it is checked in the background.
func (s *Servers) providerOf(ctx context.Context, sp space.Space) (*provider, error) {
	key := spaceKey(sp)
	s.mu.Lock()
	e := s.entry(key)
	e.usedAt, e.space = time.Now(), sp
	if sp.State == space.Active {
		e.searchedAt = e.usedAt
	}
	known, age := *e, time.Since(e.checkedAt)
	s.mu.Unlock()
	if known.provider != nil {
		if age >= verifyEvery {
			s.check(key, sp, e)
		}
		return known.provider, nil
	}
	if known.err != nil && (age < restFor || age < refuseFor && errors.Is(known.err, space.ErrModelMismatch)) {
		return nil, known.err
	}
	answer, err := await(ctx, s.check(key, sp, e))
	if err != nil {
		return nil, err
	}
	return answer.(*provider), nil
}

// entry returns the entry with a key. If there is none, it adds one; if there are too many,
// it forgets the least recently used space. s.mu must be held.
func (s *Servers) entry(key string) *spaceEntry {
	if e := s.spaces[key]; e != nil {
		return e
	}
	if len(s.spaces) >= maxSpaces {
		oldest := ""
		for key, e := range s.spaces {
			if oldest == "" || e.usedAt.Before(s.spaces[oldest].usedAt) {
				oldest = key
			}
		}
		delete(s.spaces, oldest)
	}
	e := &spaceEntry{}
	s.spaces[key] = e
	return e
}

// check finds out which server makes the vectors of a space.
func (s *Servers) check(key string, sp space.Space, e *spaceEntry) <-chan singleflight.Result {
	return s.runShared("space "+key, askTimeout, func(ctx context.Context) (any, error) {
		s.mu.Lock()
		e.checking++
		before := e.provider
		s.mu.Unlock()
		if before != nil && before.wasAway() {
			before.server.client.Reset() // the server's limits may have changed too
		}
		found, err := s.findProvider(ctx, sp)
		s.mu.Lock()
		defer s.mu.Unlock()
		e.checking--
		s.recordCheck(ctx, sp, e, found, err)
		return found, err
	})
}

// recordCheck stores the result of a check.
func (s *Servers) recordCheck(ctx context.Context, sp space.Space, e *spaceEntry, found *provider, err error) {
	e.err, e.checkedAt = err, time.Now()
	switch {
	case err == nil:
		if e.provider == nil || e.provider.server != found.server {
			s.log.InfoContext(ctx, "model server found", "space", sp.ID, "model", sp.Model, "server", found.server.name)
		}
		e.provider = found
	case errors.Is(err, space.ErrModelMismatch):
		e.provider = nil
		s.log.ErrorContext(ctx, "no model server makes the vectors of a space", "error", err)
	}
}

// recordFailure updates the entry of a space after a failed call. It returns err.
func (s *Servers) recordFailure(sp space.Space, found *provider, err error) error {
	other := errors.Is(err, embed.ErrModelMismatch)
	if !other && !embed.Unavailable(err) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.spaces[spaceKey(sp)]
	if e == nil || e.provider != found {
		return err
	}
	e.checkedAt = time.Time{} // the next call starts a check in the background
	if other {
		found.server.client.Reset()
		e.provider, e.err = nil, nil
	}
	return err
}

// Check returns nil if the servers of the recently searched spaces are healthy, and have
// been verified again if they were away. If no space was searched, it checks the default
// server. It also checks the other servers that are failing. Their answers affect only States.
func (s *Servers) Check(ctx context.Context) error {
	used := s.searchedSpaces()
	checked := map[*server]bool{}
	if len(used) == 0 {
		checked[s.list[0]] = true
	}
	for _, e := range used {
		checked[e.provider.server] = true
	}
	var others sync.WaitGroup
	defer others.Wait()
	for _, srv := range s.list {
		if !checked[srv] && srv.client.Health().State == health.Failing {
			others.Go(func() { _ = guard.Call(func() error { return srv.check(ctx) }) })
		}
	}
	if len(used) == 0 {
		return s.list[0].check(ctx)
	}
	return s.checkUsed(ctx, used)
}

// checkUsed checks the servers of spaces.
func (s *Servers) checkUsed(ctx context.Context, used map[string]spaceEntry) error {
	checked := map[*server]bool{}
	for key, e := range used {
		if srv := e.provider.server; !checked[srv] {
			checked[srv] = true
			if err := srv.check(ctx); err != nil {
				return err
			}
		}
		if !e.provider.wasAway() {
			continue
		}
		s.mu.Lock()
		current := s.spaces[key]
		s.mu.Unlock()
		if current == nil {
			continue
		}
		if _, err := await(ctx, s.check(key, e.space, current)); err != nil {
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

// searchedSpaces returns the entries of recently searched spaces by key. It deletes
// entries that have not been used for a while.
func (s *Servers) searchedSpaces() map[string]spaceEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := map[string]spaceEntry{}
	for key, e := range s.spaces {
		switch {
		case time.Since(e.usedAt) > forgetAfter:
			delete(s.spaces, key)
		case time.Since(e.searchedAt) < forgetAfter && e.provider != nil:
			used[key] = *e
		}
	}
	return used
}
