package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/space"
)

// Windowing is how passages of a new space are cut.
const Windowing = space.WindowingSentences

// found is a server that makes the vectors of a space.
type found struct {
	server       *server
	encoder      *embed.Encoder
	fingerprint  [][]float32 // of the space
	windowTokens int
	// outages is how often the server was away before it was asked.
	outages int64
}

// offer returns the space that a server makes, and how it makes its vectors.
func (s *server) offer(ctx context.Context) (space.Space, *found, error) {
	outages := s.client.Outages()
	p, err := s.client.Profile(ctx)
	if err != nil {
		return space.Space{}, nil, err
	}
	encoder, err := s.client.EncoderFor(ctx, p)
	if err != nil {
		return space.Space{}, nil, err
	}
	tokens, fingerprint, err := probe(ctx, encoder)
	if err != nil {
		return space.Space{}, nil, err
	}
	encoded, err := json.Marshal(p)
	if err != nil {
		return space.Space{}, nil, fmt.Errorf("encode model profile: %w", err)
	}
	sp := space.Space{
		ID: spaceID(p, Windowing), Model: p.Model, Dimensions: p.Dimensions, Server: s.name, Profile: encoded,
		Fingerprint: fingerprint, Windowing: Windowing, WindowTokens: tokens,
	}
	return sp, &found{server: s, encoder: encoder, fingerprint: fingerprint, windowTokens: tokens, outages: outages}, nil
}

// probe asks side by side how long a text an encoder takes and what its model is
// known by.
func probe(ctx context.Context, encoder *embed.Encoder) (tokens int, fingerprint [][]float32, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		tokens, err = encoder.MaxTokens(ctx)
		return err
	})
	group.Go(func() (err error) {
		fingerprint, err = encoder.Fingerprint(ctx)
		return err
	})
	err = group.Wait()
	return tokens, fingerprint, err
}

// spaceID is the id of the space that a profile makes.
func spaceID(p embed.Profile, w space.Windowing) string {
	return space.Identity{
		Model: p.Model, Dimensions: p.Dimensions, MaxTokens: p.MaxTokens,
		QueryPrefix: p.QueryPrefix, PassagePrefix: p.PassagePrefix, Windowing: w,
	}.ID()
}

// otherModelError says that a server makes other vectors than a space has.
type otherModelError struct {
	offers embed.Profile
	// likeness is the least cosine of the two models' vectors of one text; nil where
	// they were not compared.
	likeness *float64
	cause    error // nil where the likeness, or the space's id, tells
}

// Error implements error.
func (e *otherModelError) Error() string {
	text := fmt.Sprintf("offers %s with %d dimensions", e.offers.Model, e.offers.Dimensions)
	switch {
	case e.likeness != nil:
		return fmt.Sprintf("%s, of likeness %.3f", text, *e.likeness)
	case e.cause != nil:
		return fmt.Sprintf("%s (%v)", text, e.cause)
	default:
		return text
	}
}

// serves returns how a server makes the vectors of a space; *otherModelError where it
// makes others. A space of before there were fingerprints is told by its id.
func (s *server) serves(ctx context.Context, sp space.Space) (*found, error) {
	outages := s.client.Outages()
	var stored embed.Profile
	if err := json.Unmarshal(sp.Profile, &stored); err != nil {
		return nil, fmt.Errorf("profile of %s: %w", sp.Name(), err)
	}
	own, err := s.client.Profile(ctx)
	if err != nil {
		return nil, err
	}
	if len(sp.Fingerprint) == 0 && !sameName(own, stored, sp) {
		return nil, &otherModelError{offers: own}
	}
	encoder, err := s.client.EncoderFor(ctx, stored)
	if errors.Is(err, embed.ErrModelMismatch) {
		return nil, &otherModelError{offers: own, cause: err}
	}
	if err != nil {
		return nil, err
	}
	fingerprint, err := resembles(ctx, encoder, sp.Fingerprint, own)
	if err != nil {
		return nil, err
	}
	tokens, err := encoder.MaxTokens(ctx)
	return &found{server: s, encoder: encoder, fingerprint: fingerprint, windowTokens: tokens, outages: outages}, err
}

// sameName reports whether a server's profile makes the id of a space. The limit
// in tokens that a model is known to have may have changed since.
func sameName(own, stored embed.Profile, sp space.Space) bool {
	own.MaxTokens = stored.MaxTokens
	return spaceID(own, sp.Windowing) == sp.ID
}

// resembles returns an encoder's fingerprint; *otherModelError where it is not the
// stored one. Any does for a space that has none stored.
func resembles(ctx context.Context, encoder *embed.Encoder, stored [][]float32, own embed.Profile) ([][]float32, error) {
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

// Match says whether one server makes the vectors of a space: nil, or an error
// that says what it makes instead, or why it cannot be asked. other tells the
// first from the second.
func (s *Servers) Match(ctx context.Context, name string, sp space.Space) (other bool, err error) {
	srv, err := s.named(name)
	if err != nil {
		return false, err
	}
	_, err = srv.serves(ctx, sp)
	var mismatch *otherModelError
	return errors.As(err, &mismatch), err
}

// search looks for a server that makes the vectors of a space, at first at the one
// that it was made with. space.ErrModelMismatch where all make others; the error of
// the first that could not be asked where one of these may be the one.
func (s *Servers) search(ctx context.Context, sp space.Space) (*found, error) {
	var (
		tried   []string
		unasked error
	)
	for _, srv := range s.order(sp.Server) {
		f, err := srv.serves(ctx, sp)
		if err == nil {
			return f, nil
		}
		var mismatch *otherModelError
		if !errors.As(err, &mismatch) {
			err = fmt.Errorf("cannot be asked: %w", err)
			if unasked == nil {
				unasked = err
			}
		}
		tried = append(tried, fmt.Sprintf("model server %s %v", srv.name, err))
	}
	says := fmt.Sprintf("%s was embedded with %s (space %s, %s); %s",
		document.CollectionName(sp.Collection), sp.Model, sp.ID, sp.Profile, strings.Join(tried, "; "))
	if unasked != nil {
		return nil, &unaskedError{says: says, cause: unasked}
	}
	return nil, fmt.Errorf("%w: %s: configure a server of that model (ACCORD_EMBEDDING_URL, or a name of its own in "+
		"ACCORD_EMBEDDING_SERVERS), or change the collection's model with accord space create", space.ErrModelMismatch, says)
}

// unaskedError is the error of a server that could not be asked, told with those
// of the others.
type unaskedError struct {
	says  string
	cause error
}

// Error implements error.
func (e *unaskedError) Error() string { return e.says }

// Unwrap returns the error of the server.
func (e *unaskedError) Unwrap() error { return e.cause }

// order returns all servers, the one of that name first.
func (s *Servers) order(first string) []*server {
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
