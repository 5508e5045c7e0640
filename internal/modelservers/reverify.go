package modelservers

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/space"
)

// ensureSameModel verifies a server again after it has been away, since it may have come
// back with another model. It returns nil if the server still makes the space's vectors. It
// must be called before a query is embedded, and after passages are embedded. One query
// waits for the check, and concurrent queries fail with ErrUnavailable. All passages wait.
func (s *Servers) ensureSameModel(ctx context.Context, sp space.Space, found *provider, input driver.Input) error {
	key := spaceKey(sp)
	s.mu.Lock()
	_, remembered := s.spaces[key]
	e := s.entry(key)
	if !remembered { // the space was forgotten after the call began
		e.provider, e.checkedAt, e.space = found, time.Now(), sp
	}
	e.usedAt = time.Now()
	if e.provider != nil && e.provider.server == found.server && !e.provider.wasAway() {
		s.mu.Unlock()
		return nil
	}
	failed, checking, age := e.err, e.checking, time.Since(e.checkedAt)
	s.mu.Unlock()
	switch {
	case input == driver.Passage:
	case failed != nil && age < restFor:
		return failed
	case checking > 0:
		return fmt.Errorf("%w: model server %s was away and has not been verified again yet", embed.ErrUnavailable, found.server.name)
	}
	answer, err := await(ctx, s.check(key, sp, e))
	if err == nil && answer.(*provider).server != found.server {
		err = fmt.Errorf("%w: model server %s was away, and another server has taken over", embed.ErrUnavailable, found.server.name)
	}
	return err
}

// wasAway reports whether the server was away since it was last checked.
func (p *provider) wasAway() bool { return p.server.client.Outages() != p.outages }
