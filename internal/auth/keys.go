package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
)

const (
	// keyAge is how long a key is used after it was read. So a revoked key is refused
	// within a second, also on an open stream, which is checked every 300 ms.
	keyAge = 400 * time.Millisecond
	// cachedKeys bounds the keys in memory.
	cachedKeys = 10_000
	// lookupLimit bounds reading one key.
	lookupLimit = 3 * time.Second
	// strangeLookups is the maximum number of concurrent lookups of ids whose key was not seen yet, and
	// strangeLimit how long one waits for its turn. Ids can be made up, and strangers must not
	// take the connections to the database from those who have keys.
	strangeLookups = 4
	strangeLimit   = 800 * time.Millisecond
	// useLimit bounds the time for recording a use, since the call waits for it.
	useLimit = 500 * time.Millisecond
	// useInterval is how often the last use of a key is written.
	useInterval = time.Minute
)

// KeyStore stores API keys.
type KeyStore interface {
	// APIKey returns a key, or document.ErrNotFound.
	APIKey(ctx context.Context, id string) (Key, error)
	// APIKeyUsed records that a key is used now.
	APIKeyUsed(ctx context.Context, id string) error
}

// Keys checks API keys. It is safe for concurrent use.
type Keys struct {
	store   KeyStore
	log     *slog.Logger
	now     func() time.Time
	read    *lru.Cache[string, readKey]
	used    *lru.Cache[string, time.Time] // time of the last recorded use
	lookups singleflight.Group
	strange chan struct{} // its capacity bounds lookups of ids whose key was not seen
}

// readKey is a key and the time at which reading it began.
type readKey struct {
	key Key
	at  time.Time
}

// NewKeys returns Keys over a store.
func NewKeys(store KeyStore, log *slog.Logger) *Keys {
	return &Keys{store: store, log: log, now: time.Now, read: newLRU[readKey](), used: newLRU[time.Time](), strange: make(chan struct{}, strangeLookups)}
}

func newLRU[V any]() *lru.Cache[string, V] {
	cache, err := lru.New[string, V](cachedKeys)
	if err != nil {
		panic(err) // only if the size is below 1
	}
	return cache
}

// Check returns the caller that a key belongs to. See Authenticator.Check for the errors.
// It returns ErrExpired only to callers who have the key's secret.
func (k *Keys) Check(ctx context.Context, credential string) (Identity, error) {
	id, secret, ok := splitCredential(credential)
	if !ok {
		return Identity{}, fmt.Errorf("%w: it does not have the form of a key", ErrInvalid)
	}
	key, err := k.find(ctx, id)
	now := k.now()
	switch {
	case errors.Is(err, document.ErrNotFound):
		return Identity{}, fmt.Errorf("%w: there is no key %s", ErrInvalid, id)
	case err != nil:
		return Identity{}, err
	case !key.accepts(secret, now):
		return Identity{}, fmt.Errorf("%w: key %s has another secret", ErrInvalid, id)
	case key.Expired(now):
		return Identity{}, fmt.Errorf("key %s: %w", id, ErrExpired)
	}
	k.recordUse(ctx, id, now)
	return Identity{Name: "key:" + id, Role: key.Role, Collections: key.Collections}, nil
}

// find returns a key that was read within keyAge. Concurrent calls share one lookup. Ids
// without a key are not cached, so that guesses do not displace keys.
func (k *Keys) find(ctx context.Context, id string) (Key, error) {
	if known, ok := k.read.Get(id); ok && k.now().Sub(known.at) < keyAge {
		return known.key, nil
	}
	lookup := k.lookups.DoChan(id, func() (value any, err error) {
		if !k.used.Contains(id) {
			select {
			case k.strange <- struct{}{}:
				defer func() { <-k.strange }()
			case <-time.After(strangeLimit):
				return nil, errors.New("too many new keys are being looked up")
			}
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupLimit)
		defer cancel()
		found := readKey{at: k.now()}
		err = guard.Call(func() (err error) {
			found.key, err = k.store.APIKey(limited, id)
			return err
		})
		if err != nil {
			k.read.Remove(id)
			return found, err
		}
		k.read.Add(id, found)
		return found, nil
	})
	select {
	case <-ctx.Done():
		return Key{}, ctx.Err()
	case result := <-lookup:
		found, _ := result.Val.(readKey)
		if result.Err != nil && !errors.Is(result.Err, document.ErrNotFound) {
			return Key{}, fmt.Errorf("%w: %w", ErrUnavailable, result.Err)
		}
		return found.key, result.Err
	}
}

// recordUse stores the time of a key's last use, at most once in useInterval. If that
// fails, the call still succeeds.
func (k *Keys) recordUse(ctx context.Context, id string, now time.Time) {
	if last, ok := k.used.Get(id); ok && now.Sub(last) < useInterval {
		return
	}
	k.used.Add(id, now)
	limited, cancel := context.WithTimeout(ctx, useLimit)
	defer cancel()
	if err := k.store.APIKeyUsed(limited, id); err != nil {
		k.log.DebugContext(ctx, "cannot record the use of an API key", "key", id, "error", err)
	}
}
