package modelservers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/space"
)

// Windowing is how new spaces cut passages into windows.
const Windowing = space.WindowingSentences

// provider is a server that makes the vectors of a space.
type provider struct {
	server       *server
	encoder      *embed.Encoder
	fingerprint  [][]float32 // fingerprint of the space
	windowTokens int
	// outages is the client's count of outages when the server was checked.
	outages int64
}

// offer returns the space that a server would make, and its provider.
func (s *server) offer(ctx context.Context) (space.Space, *provider, error) {
	outages := s.client.Outages()
	p, err := s.client.Profile(ctx)
	if err != nil {
		return space.Space{}, nil, err
	}
	encoder, err := s.client.EncoderFor(ctx, p)
	if err != nil {
		return space.Space{}, nil, err
	}
	tokens, fingerprint, err := measure(ctx, encoder)
	if err != nil {
		return space.Space{}, nil, err
	}
	sp := space.Space{
		ID: spaceID(p, Windowing), Model: p.Model, Dimensions: p.Dimensions, Server: s.name, Profile: p,
		Fingerprint: fingerprint, Windowing: Windowing, WindowTokens: tokens,
	}
	return sp, &provider{server: s, encoder: encoder, fingerprint: fingerprint, windowTokens: tokens, outages: outages}, nil
}

// measure finds out how many tokens of a text an encoder reads, and the fingerprint of its
// model. It does both concurrently.
func measure(ctx context.Context, encoder *embed.Encoder) (tokens int, fingerprint [][]float32, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(guard.Func(func() (err error) {
		tokens, err = encoder.MaxTokens(ctx)
		return err
	}))
	group.Go(guard.Func(func() (err error) {
		fingerprint, err = encoder.Fingerprint(ctx)
		return err
	}))
	err = group.Wait()
	return tokens, fingerprint, err
}

// spaceID returns the id of a space with a profile.
func spaceID(p document.ModelProfile, w space.Windowing) string {
	return space.Identity{
		Model: p.Model, Dimensions: p.Dimensions, MaxTokens: p.MaxTokens,
		QueryPrefix: p.QueryPrefix, PassagePrefix: p.PassagePrefix, Windowing: w,
	}.ID()
}

// otherModelError means that the model of a server is not the model of a space.
type otherModelError struct {
	offers document.ModelProfile
	// likeness is the lowest cosine between the two models' vectors of the same text. It is
	// nil if they were not compared.
	likeness *float64
	cause    error // nil if likeness or the id of the space is the reason
}

// Error implements error.
func (e *otherModelError) Error() string {
	text := fmt.Sprintf("offers %s with %d dimensions", e.offers.Model, e.offers.Dimensions)
	switch {
	case e.likeness != nil:
		return fmt.Sprintf("%s (likeness %.3f)", text, *e.likeness)
	case e.cause != nil:
		return fmt.Sprintf("%s (%v)", text, e.cause)
	default:
		return text
	}
}

// verify returns the provider if a server makes the vectors of a space, and an
// *otherModelError if it has another model. A space without a fingerprint, from an older
// version, is compared by id.
func (s *server) verify(ctx context.Context, sp space.Space) (*provider, error) {
	outages := s.client.Outages()
	own, err := s.client.Profile(ctx)
	if err != nil {
		return nil, err
	}
	if len(sp.Fingerprint) == 0 && !sameIdentity(own, sp) {
		return nil, &otherModelError{offers: own}
	}
	encoder, err := s.client.EncoderFor(ctx, sp.Profile)
	if errors.Is(err, embed.ErrModelMismatch) {
		return nil, &otherModelError{offers: own, cause: err}
	}
	if err != nil {
		return nil, err
	}
	fingerprint, err := checkFingerprint(ctx, encoder, sp.Fingerprint, own)
	if err != nil {
		return nil, err
	}
	tokens, err := encoder.MaxTokens(ctx)
	return &provider{server: s, encoder: encoder, fingerprint: fingerprint, windowTokens: tokens, outages: outages}, err
}

// sameIdentity reports whether a space of a server's profile would have the id of the given
// space. It ignores the limit in tokens, since the known limit of a model may have changed.
func sameIdentity(own document.ModelProfile, sp space.Space) bool {
	own.MaxTokens = sp.Profile.MaxTokens
	return spaceID(own, sp.Windowing) == sp.ID
}

// checkFingerprint returns an *otherModelError if the encoder's fingerprint does not
// match the stored one. If none is stored, it returns the encoder's own.
func checkFingerprint(ctx context.Context, encoder *embed.Encoder, stored [][]float32, own document.ModelProfile) ([][]float32, error) {
	fingerprint, err := encoder.Fingerprint(ctx)
	if errors.Is(err, embed.ErrModelMismatch) {
		return nil, &otherModelError{offers: own, cause: err}
	}
	if err != nil || len(stored) == 0 {
		return fingerprint, err
	}
	if likeness, same := embed.SameModel(stored, fingerprint); !same {
		return nil, &otherModelError{offers: own, likeness: &likeness}
	}
	return stored, nil
}

// Match returns nil if the named server makes the vectors of a space. Otherwise other
// reports the kind of error: true if the server has another model, false if it could not be
// asked.
func (s *Servers) Match(ctx context.Context, name string, sp space.Space) (other bool, err error) {
	srv, err := s.serverNamed(name)
	if err != nil {
		return false, err
	}
	_, err = srv.verify(ctx, sp)
	var mismatch *otherModelError
	return errors.As(err, &mismatch), err
}

// findProvider looks for a server that makes the vectors of a space. It begins with the
// server that the space was made with. If all servers have other models, the error wraps
// space.ErrModelMismatch. If some could not be asked, it wraps the error of the first of
// these.
func (s *Servers) findProvider(ctx context.Context, sp space.Space) (*provider, error) {
	var (
		tried, offered []string
		unreachable    error
	)
	for _, srv := range s.startingWith(sp.Server) {
		found, err := srv.verify(ctx, sp)
		if err == nil {
			return found, nil
		}
		var mismatch *otherModelError
		switch {
		case !errors.As(err, &mismatch):
			err = fmt.Errorf("cannot be asked: %w", err)
			if unreachable == nil {
				unreachable = err
			}
		case !slices.Contains(offered, mismatch.offers.Model):
			offered = append(offered, mismatch.offers.Model)
		}
		tried = append(tried, fmt.Sprintf("model server %s %v", srv.name, err))
	}
	detail := fmt.Sprintf("%s was embedded with %s (space %s, %+v); %s",
		document.CollectionName(sp.Collection), sp.Model, sp.ID, sp.Profile, strings.Join(tried, "; "))
	if unreachable != nil {
		return nil, &unreachableError{text: detail, cause: unreachable}
	}
	return nil, &space.MismatchError{Collection: sp.Collection, Model: sp.Model, Offered: offered, Detail: detail}
}

// unreachableError holds the results of all servers. It wraps the error of a server that
// could not be asked.
type unreachableError struct {
	text  string
	cause error
}

// Error implements error.
func (e *unreachableError) Error() string { return e.text }

// Unwrap returns the error of that server.
func (e *unreachableError) Unwrap() error { return e.cause }

// startingWith returns all servers, the one with the given name first.
func (s *Servers) startingWith(first string) []*server {
	order := make([]*server, 0, len(s.list))
	for _, srv := range s.list {
		if srv.name == first {
			order = append([]*server{srv}, order...)
		} else {
			order = append(order, srv)
		}
	}
	return order
}
