// Package modelservers holds the configured model servers by name, and finds one that makes
// the vectors of a space. It compares models by their vectors of probe texts, not by their
// names. It implements no wire format and stores nothing.
package modelservers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/health"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// askTimeout bounds a check of a server, which connects and makes a fingerprint. The server
// may still be loading its model.
const askTimeout = time.Minute

// offerTimeout replaces askTimeout when a space is made. The caller would rather wait
// than try again, up to the call's deadline.
const offerTimeout = 5 * time.Minute

// Server is one configured model server.
type Server struct {
	// Name is 1 to 63 characters of a-z, 0-9 and hyphens.
	Name string
	embed.Config
}

// Servers holds the configured model servers. It is safe for concurrent use.
type Servers struct {
	list []*server // the first is the default
	log  *slog.Logger

	// asking lets concurrent calls of runShared with the same key share one run. The run
	// continues if its callers leave. It ends when owner ends.
	asking  singleflight.Group
	owner   context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	ended  bool
	spaces map[string]*spaceEntry // by spaceKey
}

// server is a model server with its client.
type server struct {
	name   string
	client *embed.Client
}

var namePattern = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// Open returns the servers; the first is the default. It makes no request, so they
// may start later.
func Open(servers []Server, log *slog.Logger) (*Servers, error) {
	s := &Servers{log: log, spaces: map[string]*spaceEntry{}}
	s.owner, s.end = context.WithCancel(context.Background())
	for _, configured := range servers {
		var client *embed.Client
		err := checkName(s.list, configured.Name)
		if err == nil {
			client, err = embed.Open(configured.Config)
		}
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("model server %q: %w", configured.Name, err)
		}
		s.list = append(s.list, &server{name: configured.Name, client: client})
	}
	if len(s.list) == 0 {
		s.Close()
		return nil, errors.New("no model server is configured")
	}
	return s, nil
}

func checkName(taken []*server, name string) error {
	if !namePattern.MatchString(name) {
		return errors.New("its name must be 1 to 63 characters of a-z, 0-9 and hyphens")
	}
	for _, other := range taken {
		if other.name == name {
			return errors.New("another one has that name")
		}
	}
	return nil
}

// Names returns the names of the servers, the default first.
func (s *Servers) Names() []string {
	names := make([]string, len(s.list))
	for i, srv := range s.list {
		names[i] = srv.name
	}
	return names
}

// State is the state of a model server.
type State struct {
	Name  string
	Model string // empty if it is not known yet
	health.Health
}

// States returns the state of each server, the default first. A failing server that no other
// call uses stays failing until Check finds that it answers again.
func (s *Servers) States() []State {
	states := make([]State, len(s.list))
	for i, srv := range s.list {
		profile, _ := srv.client.KnownProfile()
		states[i] = State{srv.name, profile.Model, srv.client.Health()}
	}
	return states
}

// serverNamed returns a server by name, or the default if name is empty. The error
// wraps space.ErrUnknownServer.
func (s *Servers) serverNamed(name string) (*server, error) {
	if name == "" {
		return s.list[0], nil
	}
	for _, srv := range s.list {
		if srv.name == name {
			return srv, nil
		}
	}
	return nil, fmt.Errorf("%w: %q; configured are: %s", space.ErrUnknownServer, name, strings.Join(s.Names(), ", "))
}

// Offer returns the space that a server would make now, with its fingerprint but without a
// collection. An empty name means the default server. If there is no server of that name,
// the error wraps space.ErrUnknownServer.
func (s *Servers) Offer(ctx context.Context, name string) (space.Space, error) {
	srv, err := s.serverNamed(name)
	if err != nil {
		return space.Space{}, err
	}
	if sp, ok := s.cachedOffer(srv); ok {
		return sp, nil
	}
	offered := s.runShared("offer "+srv.name, offerTimeout, func(ctx context.Context) (any, error) {
		sp, found, err := srv.offer(embed.WithSlowChecks(ctx))
		if err == nil {
			s.cacheOffer(sp, found)
		}
		return sp, err
	})
	answer, err := await(ctx, offered)
	if err != nil {
		return space.Space{}, err
	}
	return answer.(space.Space), nil
}

// Describe returns what a server reports about itself. If there is no server of that name,
// the error wraps space.ErrUnknownServer.
func (s *Servers) Describe(ctx context.Context, name string) (embed.ServerInfo, error) {
	srv, err := s.serverNamed(name)
	if err != nil {
		return embed.ServerInfo{}, err
	}
	return srv.client.Describe(ctx)
}

// EmbedQuery returns the unit vector of a query in a space.
func (s *Servers) EmbedQuery(ctx context.Context, sp space.Space, text string) ([]float32, error) {
	vectors, errs := s.EmbedQueries(ctx, sp, []string{text})
	return vectors[0], errs[0]
}

// EmbedQueries returns a unit vector or an error for each query in a space, in order. It
// sends the queries in as few requests as the server accepts.
func (s *Servers) EmbedQueries(ctx context.Context, sp space.Space, texts []string) (vectors [][]float32, errs []error) {
	found, err := s.providerOf(ctx, sp)
	if err == nil {
		err = s.ensureSameModel(ctx, sp, found, driver.Query)
	}
	if err != nil {
		return make([][]float32, len(texts)), slices.Repeat([]error{err}, len(texts))
	}
	vectors, errs = found.encoder.EmbedQueries(ctx, texts)
	for i, err := range errs {
		errs[i] = s.recordFailure(sp, found, err)
	}
	return vectors, errs
}

// EmbedPassages returns the embedding of each text for a space, in order.
func (s *Servers) EmbedPassages(ctx context.Context, sp space.Space, texts []string) ([]document.Embedding, error) {
	out := make([]document.Embedding, len(texts))
	err := s.EmbedEach(ctx, sp, texts, func(start int, batch []document.Embedding) error {
		copy(out[start:], batch)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EmbedEach is like EmbedPassages, but hands over results as they arrive; see
// embed.Encoder. It waits for a server that is away. After that it checks the server's
// model again before it hands over vectors.
func (s *Servers) EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error {
	found, err := s.providerOf(ctx, sp)
	if err != nil {
		return err
	}
	return s.recordFailure(sp, found, found.encoder.EmbedEach(ctx, texts, func(start int, batch []document.Embedding) error {
		if err := s.ensureSameModel(ctx, sp, found, driver.Passage); err != nil {
			return err
		}
		return done(start, batch)
	}))
}

// Close cancels the calls in progress, waits for them, and closes the clients.
func (s *Servers) Close() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.end()
	for _, srv := range s.list {
		srv.client.Close()
	}
	s.running.Wait()
}

// errClosed is the error of calls after Close.
var errClosed = fmt.Errorf("%w: the model servers are closed", embed.ErrUnavailable)

// runShared runs question with a time limit. Concurrent callers with the same key share one
// run.
func (s *Servers) runShared(key string, limit time.Duration, question func(context.Context) (any, error)) <-chan singleflight.Result {
	return s.asking.DoChan(key, func() (result any, err error) {
		s.mu.Lock()
		if s.ended {
			s.mu.Unlock()
			return nil, errClosed
		}
		s.running.Add(1)
		s.mu.Unlock()
		defer s.running.Done()
		ctx, cancel := context.WithTimeout(s.owner, limit)
		defer cancel()
		err = guard.Call(func() (err error) {
			result, err = question(ctx)
			return err
		})
		return result, err
	})
}

// await waits for the result until the caller's context ends.
func await(ctx context.Context, answer <-chan singleflight.Result) (any, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("a model server has not yet reported which model it serves: %w", ctx.Err())
	case r := <-answer:
		return r.Val, r.Err
	}
}
