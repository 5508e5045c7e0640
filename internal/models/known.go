package models

import (
	"time"

	"github.com/accord-search/accord/internal/space"
)

// remember writes down that a server makes the vectors of a space that it has just
// offered, so that the first who writes to it need not ask again.
func (s *Servers) remember(sp space.Space, f *found) {
	key, now := spaceKey(sp), time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.spaces[key]; e == nil || e.found == nil {
		s.spaces[key] = &serving{found: f, at: now, asked: now, space: sp}
	}
}

// known returns the space that a server makes, of no collection, if it was seen to
// make the vectors of such a space so lately that no call would ask it again.
func (s *Servers) known(srv *server) (space.Space, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.spaces {
		f := e.found
		if f == nil || f.server != srv || f.doubtful() || e.failed != nil || time.Since(e.at) >= verifyEvery {
			continue
		}
		if p, settled := srv.client.KnownProfile(); settled && e.space.ID == spaceID(p, Windowing) {
			return space.Space{
				ID: e.space.ID, Model: e.space.Model, Dimensions: e.space.Dimensions, Server: srv.name, Profile: e.space.Profile,
				Fingerprint: f.fingerprint, Windowing: Windowing, WindowTokens: f.windowTokens,
			}, true
		}
	}
	return space.Space{}, false
}
