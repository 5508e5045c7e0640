// Package models holds the configured model servers by name, and finds for a
// space one that makes its vectors: by what its model makes of probe texts, not by
// what it is called. It speaks no wire format and stores nothing.
package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/space"
)

// askTimeout bounds what a server is asked about itself: a connection and a
// fingerprint, of a server that may still be loading its model.
const askTimeout = time.Minute

// offerTimeout is askTimeout for a space to be made: whoever makes one would
// rather wait than try again, and does so as long as the call's deadline lets it.
const offerTimeout = 5 * time.Minute

// Server is one configured model server.
type Server struct {
	// Name is 1 to 63 of a-z, 0-9 and hyphens.
	Name string
	embed.Config
}

// Servers are the configured model servers. It is safe for concurrent use.
type Servers struct {
	list []*server // the first is the default
	log  *slog.Logger

	// asking shares what callers ask at the same time. It goes on when one of them
	// leaves, and ends with owner.
	asking  singleflight.Group
	owner   context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	ended  bool
	spaces map[string]*serving // by spaceKey
}

// server is a model server with its client.
type server struct {
	name   string
	client *embed.Client
}

var namePattern = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// Open returns the servers, of which the first is the default. It makes no
// request: they may come up later.
func Open(servers []Server, log *slog.Logger) (*Servers, error) {
	s := &Servers{log: log, spaces: map[string]*serving{}}
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
		return errors.New("its name must be 1 to 63 of a-z, 0-9 and hyphens")
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

// named returns a server, the default for an empty name; space.ErrUnknownServer.
func (s *Servers) named(name string) (*server, error) {
	if name == "" {
		return s.list[0], nil
	}
	for _, srv := range s.list {
		if srv.name == name {
			return srv, nil
		}
	}
	return nil, fmt.Errorf("%w: %q; there are: %s", space.ErrUnknownServer, name, strings.Join(s.Names(), ", "))
}

// Offer returns the space that a server makes now, with its fingerprint, of no
// collection; the default server where the name is empty. space.ErrUnknownServer
// where there is none of that name.
func (s *Servers) Offer(ctx context.Context, name string) (space.Space, error) {
	srv, err := s.named(name)
	if err != nil {
		return space.Space{}, err
	}
	if sp, ok := s.known(srv); ok {
		return sp, nil
	}
	offered := s.ask("offer "+srv.name, offerTimeout, func(ctx context.Context) (any, error) {
		sp, f, err := srv.offer(embed.Patiently(ctx))
		if err == nil {
			s.remember(sp, f)
		}
		return sp, err
	})
	answer, err := await(ctx, offered)
	if err != nil {
		return space.Space{}, err
	}
	return answer.(space.Space), nil
}

// Describe asks a server what it is; space.ErrUnknownServer where there is none of
// that name.
func (s *Servers) Describe(ctx context.Context, name string) (embed.ServerInfo, error) {
	srv, err := s.named(name)
	if err != nil {
		return embed.ServerInfo{}, err
	}
	return srv.client.Describe(ctx)
}

// EmbedQuery returns the unit vector of a query in a space.
func (s *Servers) EmbedQuery(ctx context.Context, sp space.Space, text string) ([]float32, error) {
	found, err := s.find(ctx, sp)
	if err != nil {
		return nil, err
	}
	if err := s.sure(ctx, sp, found, driver.Query); err != nil {
		return nil, err
	}
	vector, err := found.encoder.EmbedQuery(ctx, text)
	return vector, s.judge(sp, found, err)
}

// EmbedPassages returns one embedding a text in a space, in order.
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

// EmbedEach is EmbedPassages for those who keep what they have when it comes;
// embed.Encoder says more. A server that was away is waited for, and asked again
// what it is before what it made is given out.
func (s *Servers) EmbedEach(ctx context.Context, sp space.Space, texts []string, done func(start int, batch []document.Embedding) error) error {
	found, err := s.find(ctx, sp)
	if err != nil {
		return err
	}
	return s.judge(sp, found, found.encoder.EmbedEach(ctx, texts, func(start int, batch []document.Embedding) error {
		if err := s.sure(ctx, sp, found, driver.Passage); err != nil {
			return err
		}
		return done(start, batch)
	}))
}

// Close ends what is under way, waits for it, and closes the clients.
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

// errClosed is what calls get that the servers outlive.
var errClosed = fmt.Errorf("%w: the model servers are closed", embed.ErrUnavailable)

// ask has one question answered within a limit, for all who ask it meanwhile.
func (s *Servers) ask(key string, limit time.Duration, question func(context.Context) (any, error)) <-chan singleflight.Result {
	return s.asking.DoChan(key, func() (any, error) {
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
		return question(ctx)
	})
}

// await waits for an answer as long as the caller does.
func await(ctx context.Context, answer <-chan singleflight.Result) (any, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("a model server is still being asked what it serves: %w", ctx.Err())
	case r := <-answer:
		return r.Val, r.Err
	}
}
