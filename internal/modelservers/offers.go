package modelservers

import (
	"time"

	"github.com/accord-search/accord/internal/space"
)

// cacheOffer records that a server makes the vectors of a space that it has just offered,
// so that the first write to the space need not check that again.
func (s *Servers) cacheOffer(sp space.Space, found *provider) {
	key, now := spaceKey(sp), time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entry(key); e.provider == nil {
		e.provider, e.err, e.checkedAt, e.usedAt, e.space = found, nil, now, now, sp
	}
}

// cachedOffer returns the space that a server offers, without a collection, if a check of
// the server is so recent that a call would not repeat it. Otherwise it returns false.
func (s *Servers) cachedOffer(srv *server) (space.Space, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.spaces {
		found := e.provider
		if found == nil || found.server != srv || found.wasAway() || e.err != nil || time.Since(e.checkedAt) >= verifyEvery {
			continue
		}
		if p, settled := srv.client.KnownProfile(); settled && e.space.ID == spaceID(p, Windowing) {
			return space.Space{
				ID: e.space.ID, Model: e.space.Model, Dimensions: e.space.Dimensions, Server: srv.name, Profile: e.space.Profile,
				Fingerprint: found.fingerprint, Windowing: Windowing, WindowTokens: found.windowTokens,
			}, true
		}
	}
	return space.Space{}, false
}
