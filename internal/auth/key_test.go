package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// memoryStore holds keys in memory, and counts lookups and recorded uses.
type memoryStore struct {
	mu          sync.Mutex
	keys        map[string]Key
	reads, uses int
	fails       error
	// hold, if not nil, blocks lookups of unknown ids until it is closed.
	hold chan struct{}
}

// APIKey implements KeyStore.
func (s *memoryStore) APIKey(_ context.Context, id string) (Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	key, ok := s.keys[id]
	if !ok && s.hold != nil {
		s.mu.Unlock()
		<-s.hold
		s.mu.Lock()
	}
	if s.fails != nil {
		return Key{}, s.fails
	}
	if !ok {
		return Key{}, &document.ResourceError{Name: "key " + id, Err: document.ErrNotFound}
	}
	return key, nil
}

// APIKeyUsed implements KeyStore.
func (s *memoryStore) APIKeyUsed(context.Context, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uses++
	return nil
}

// clock is a time that tests can move, while goroutines read it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = to
}

func (c *clock) advance(by time.Duration) { c.set(c.now().Add(by)) }

func newKeys(t *testing.T, keys ...Key) (*Keys, *memoryStore, *clock) {
	t.Helper()
	store, at := &memoryStore{keys: map[string]Key{}}, &clock{at: time.Now()}
	for _, key := range keys {
		store.keys[key.ID] = key
	}
	k := NewKeys(store, slog.New(slog.DiscardHandler))
	k.now = at.now
	return k, store, at
}

func TestKeyCredentials(t *testing.T) {
	t.Parallel()
	now := time.Now()
	id, other := NewKeyID(), NewKeyID()
	current, hash := NewCredential(id)
	previous, previousHash := NewCredential(id)
	stolen, _ := NewCredential(id)
	expired, expiredHash := NewCredential(other)
	unknown, _ := NewCredential(NewKeyID())
	keys, _, at := newKeys(t,
		Key{ID: id, Role: Write, Collections: Collections{"a"}, Hash: hash, Previous: previousHash, PreviousEnd: now.Add(time.Hour)},
		Key{ID: other, Role: Admin, Collections: AllCollections(), Hash: expiredHash, ExpireTime: now.Add(-time.Second)})
	at.set(now)
	for _, test := range []struct {
		what, credential string
		want             error
	}{
		{"current", current, nil},
		{"before the rotation", previous, nil},
		{"another secret", stolen, ErrInvalid},
		{"expired", expired, ErrExpired},
		{"unknown id", unknown, ErrInvalid},
		{"cut off", current[:len(current)-1], ErrInvalid},
		{"longer", current + "a", ErrInvalid},
		{"without a secret", keyPrefix + id, ErrInvalid},
		{"an empty secret", keyPrefix + id + "_", ErrInvalid},
		{"upper case", strings.ToUpper(current), ErrInvalid},
		{"empty", "", ErrInvalid},
	} {
		caller, err := Authenticator{Keys: keys}.Check(t.Context(), test.credential)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.what, err, test.want)
		}
		if err != nil && (caller.Role != NoRole || caller.Collections != nil) {
			t.Errorf("%s: a refused caller is %v", test.what, caller)
		}
		if _, secret, _ := splitCredential(test.credential); err != nil && secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error has the secret: %v", test.what, err)
		}
	}
	at.set(now.Add(2 * time.Hour))
	if _, err := keys.Check(t.Context(), previous); !errors.Is(err, ErrInvalid) {
		t.Errorf("after the grace period: error %v", err)
	}
}

// TestKeyCache checks that a key is looked up at most once within keyAge, that its use is
// recorded once a minute, and that ids without a key take no room in the cache.
func TestKeyCache(t *testing.T) {
	t.Parallel()
	id := NewKeyID()
	credential, hash := NewCredential(id)
	keys, store, at := newKeys(t, Key{ID: id, Role: Read, Hash: hash})
	check := func(want error, reads, uses int) {
		t.Helper()
		if _, err := keys.Check(t.Context(), credential); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
		if store.reads != reads || store.uses != uses {
			t.Errorf("%d reads, %d uses recorded; want %d, %d", store.reads, store.uses, reads, uses)
		}
	}
	check(nil, 1, 1)
	check(nil, 1, 1)
	at.advance(keyAge)
	check(nil, 2, 1)
	at.advance(useInterval)
	check(nil, 3, 2)
	store.fails = errors.New("no database")
	check(nil, 3, 2)
	at.advance(keyAge)
	check(ErrUnavailable, 4, 2)
	store.fails = nil
	delete(store.keys, id)
	check(ErrInvalid, 5, 2)
	if n := keys.read.Len(); n != 0 {
		t.Errorf("%d keys are cached, want none", n)
	}
}

// TestStrangers checks that, of many made-up ids, only a few are looked up at the same time,
// and all are refused. Meanwhile a key that was seen before must still be accepted.
func TestStrangers(t *testing.T) {
	t.Parallel()
	id := NewKeyID()
	credential, hash := NewCredential(id)
	keys, store, at := newKeys(t, Key{ID: id, Role: Read, Hash: hash})
	if _, err := keys.Check(t.Context(), credential); err != nil {
		t.Fatal(err)
	}
	store.hold = make(chan struct{})
	const strangers = 20
	refused := make(chan error, strangers)
	for range strangers {
		made, _ := NewCredential(NewKeyID())
		go func() {
			_, err := keys.Check(t.Context(), made)
			refused <- err
		}()
	}
	for range strangers - strangeLookups {
		if err := <-refused; !errors.Is(err, ErrUnavailable) {
			t.Errorf("a stranger who waited: %v", err)
		}
	}
	at.advance(keyAge)
	if _, err := keys.Check(t.Context(), credential); err != nil {
		t.Errorf("a key that was seen: %v", err)
	}
	store.mu.Lock()
	if want := 2 + strangeLookups; store.reads != want {
		t.Errorf("%d lookups, want %d", store.reads, want)
	}
	store.mu.Unlock()
	close(store.hold)
	for range strangeLookups {
		if err := <-refused; !errors.Is(err, ErrInvalid) {
			t.Errorf("a stranger who was looked up: %v", err)
		}
	}
}

func TestCredentialForm(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		credential, hash := NewCredential(NewKeyID())
		id, secret, ok := splitCredential(credential)
		if !ok || !strings.HasPrefix(credential, "accord_"+id+"_") || hashOf(secret) != hash || len(secret)*5 < 256 {
			t.Fatalf("%q is id %q, secret %q, %v", credential, id, secret, ok)
		}
		if seen[id] || seen[secret] {
			t.Fatal("a random part came twice")
		}
		seen[id], seen[secret] = true, true
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		patterns string
		holds    string
		lacks    string
	}{
		{"", "", "default a"},
		{"*", "default a a-b", ""},
		{"a", "a", "a-b ab b default"},
		{"collections/a,b-*", "a b-1 b-x-y", "b ba c"},
		{"b*", "b b-1 ba", "a"},
	} {
		var patterns []string
		if test.patterns != "" {
			patterns = strings.Split(test.patterns, ",")
		}
		c, err := ParseCollections(patterns)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range strings.Fields(test.holds) {
			if !c.Hold(id) {
				t.Errorf("%q does not hold %q", test.patterns, id)
			}
		}
		for _, id := range strings.Fields(test.lacks) {
			if c.Hold(id) {
				t.Errorf("%q holds %q", test.patterns, id)
			}
		}
	}
	for _, wrong := range []string{"", "A", "a b", "a*b", "**", "a/documents/b", "-a", "%"} {
		if c, err := ParseCollections([]string{wrong}); err == nil {
			t.Errorf("%q is accepted as %v", wrong, c)
		}
	}
}
