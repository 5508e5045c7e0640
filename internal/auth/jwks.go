package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/guard"
)

const (
	// fetchLimit bounds the time of one fetch of signing keys, discovery included.
	fetchLimit = 5 * time.Second
	// newKeyLimit is how long a token of an unknown key waits for the provider's new keys, if
	// old keys are known. So a caller with a made-up token is refused within a second.
	newKeyLimit = 800 * time.Millisecond
	// maxKeySetBytes bounds the size of a key set, and maxSigningKeys the number of its
	// keys that are kept.
	maxKeySetBytes = 1 << 20
	maxSigningKeys = 100
	// fetchPause is the minimum time between two fetches, so that tokens with invented key
	// ids do not flood the provider.
	fetchPause = time.Second
	// freshKeys is how long keys are used before they are fetched again. staleKeys is how
	// long they are used if that fails.
	freshKeys = 15 * time.Minute
	staleKeys = 24 * time.Hour
)

// keySet caches the signing keys of a provider. It is safe for concurrent use.
type keySet struct {
	fetch      func(context.Context) ([]byte, error) // reads the JSON Web Key Set
	algorithms []jose.SignatureAlgorithm
	log        *slog.Logger
	now        func() time.Time
	flight     singleflight.Group
	failing    atomic.Bool // whether the last fetch failed, so that only changes are logged

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time // when the keys were fetched
	tried   time.Time
}

// verify returns the payload of a JWT that is signed by one of the keys. If none of the
// keys in memory signed it, verify fetches the provider's keys again.
func (s *keySet) verify(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, s.algorithms)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	keys, age := s.cached()
	if payload, ok := payloadOf(signed, keys); ok {
		if age > freshKeys {
			s.refresh(ctx) // the call does not wait for the new keys
		}
		return payload, nil
	}
	wait := fetchLimit
	if len(keys) > 0 {
		wait = newKeyLimit
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(wait):
		return nil, fmt.Errorf("%w: it is signed by no known key, and the provider has not answered yet", ErrUnavailable)
	case <-s.refresh(ctx):
	}
	keys, _ = s.cached()
	if payload, ok := payloadOf(signed, keys); ok {
		return payload, nil
	}
	switch {
	case len(keys) == 0:
		return nil, fmt.Errorf("%w: there are no signing keys", ErrUnavailable)
	case s.failing.Load() && !hasKey(keys, signed): // the provider may have a new key
		return nil, fmt.Errorf("%w: it is signed by no known key, and the provider's keys cannot be read", ErrUnavailable)
	}
	return nil, fmt.Errorf("%w: it is signed by no known key", ErrInvalid)
}

// payloadOf returns the payload of a token if one of the keys signed it.
func payloadOf(signed *jose.JSONWebSignature, keys []jose.JSONWebKey) (payload []byte, ok bool) {
	header := signed.Signatures[0].Header
	for i := range keys {
		key := &keys[i]
		if header.KeyID != "" && key.KeyID != header.KeyID || key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// hasKey reports whether one of the keys has the id that a token names.
func hasKey(keys []jose.JSONWebKey, signed *jose.JSONWebSignature) bool {
	id := signed.Signatures[0].Header.KeyID
	return slices.ContainsFunc(keys, func(key jose.JSONWebKey) bool { return id != "" && key.KeyID == id })
}

// cached returns the keys in memory and their age.
func (s *keySet) cached() (keys []jose.JSONWebKey, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	age = s.now().Sub(s.fetched)
	if age > staleKeys {
		return nil, age
	}
	return s.keys, age
}

// refresh fetches the keys, unless that was tried within fetchPause. Concurrent calls share
// one fetch. The channel gets a value when the fetch has ended.
func (s *keySet) refresh(ctx context.Context) <-chan singleflight.Result {
	return s.flight.DoChan("", func() (any, error) {
		s.mu.Lock()
		soon := s.now().Sub(s.tried) < fetchPause
		if !soon {
			s.tried = s.now()
		}
		s.mu.Unlock()
		if soon {
			return nil, nil
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
		defer cancel()
		err := guard.Call(func() error { return s.load(limited) })
		switch before := s.failing.Swap(err != nil); {
		case err != nil && !before:
			s.log.WarnContext(ctx, "cannot read the signing keys of the identity provider; will retry", "error", err)
		case err == nil && before:
			s.log.InfoContext(ctx, "the signing keys of the identity provider can be read again")
		}
		return nil, nil
	})
}

// load fetches the keys. If that fails, the old ones stay.
func (s *keySet) load(ctx context.Context) error {
	content, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	keys, err := parseKeySet(content)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.fetched = keys, s.now()
	return nil
}

// parseKeySet returns the public signing keys of a JSON Web Key Set.
func parseKeySet(content []byte) (keys []jose.JSONWebKey, err error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("JSON Web Key Set: %w", err)
	}
	for _, key := range set.Keys {
		if key.IsPublic() && key.Valid() && (key.Use == "" || key.Use == "sig") && len(keys) < maxSigningKeys {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("JSON Web Key Set: there is no public signing key")
	}
	return keys, nil
}
