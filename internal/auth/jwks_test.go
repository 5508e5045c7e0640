package auth

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// TestSigningKeys checks that keys are fetched once, and again if a token is signed by an
// unknown key, but not more often than fetchPause allows. It also checks that the old keys
// are used while the provider is down.
func TestSigningKeys(t *testing.T) {
	t.Parallel()
	first, second, made := newSigner(t, "1", jose.EdDSA), newSigner(t, "2", jose.EdDSA), newSigner(t, "3", jose.EdDSA)
	p := startProvider(t)
	p.set(true)
	tokens, at := p.tokens(t, nil)
	check := func(what string, s signer, want error, fetches int) {
		t.Helper()
		if _, err := tokens.Check(t.Context(), s.sign(t, p.claims(nil))); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", what, err, want)
		}
		if got := p.fetched(); got != fetches {
			t.Errorf("%s: %d fetches, want %d", what, got, fetches)
		}
	}
	check("down from the start", first, ErrUnavailable, 1)
	check("at once again", first, ErrUnavailable, 1)
	p.set(false, first.public)
	at.advance(fetchPause)
	check("up", first, nil, 2)
	check("cached", first, nil, 2)
	check("made up, at once", made, ErrInvalid, 2)
	at.advance(fetchPause)
	check("made up, later", made, ErrInvalid, 3)
	p.set(false, second.public)
	at.advance(fetchPause)
	check("a new key", second, nil, 4)
	check("the key that was withdrawn", first, ErrInvalid, 4)
	p.set(true)
	at.advance(fetchPause)
	check("an unknown key, while it is down", made, ErrUnavailable, 5) // it may be a new one
	check("forged, while it is down", newSigner(t, "2", jose.EdDSA), ErrInvalid, 5)
	check("cached, while it is down", second, nil, 5)
	at.advance(staleKeys)
	check("too old", second, ErrUnavailable, 6)
}

// TestSlowProvider checks that a token of an unknown key does not wait as long as a slow
// provider may take.
func TestSlowProvider(t *testing.T) {
	t.Parallel()
	known, made := newSigner(t, "1", jose.EdDSA), newSigner(t, "2", jose.EdDSA)
	p := startProvider(t, known.public)
	tokens, at := p.tokens(t, nil)
	if _, err := tokens.Check(t.Context(), known.sign(t, p.claims(nil))); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.hanging = true
	p.mu.Unlock()
	defer p.CloseClientConnections()
	at.advance(fetchPause)
	_, err := tokens.Check(t.Context(), made.sign(t, p.claims(nil)))
	if !errors.Is(err, ErrUnavailable) || tokens.keys.failing.Load() {
		t.Errorf("error %v; the fetch has ended: %v", err, tokens.keys.failing.Load())
	}
	if _, err := tokens.Check(t.Context(), known.sign(t, p.claims(nil))); err != nil {
		t.Errorf("a token of a known key: %v", err)
	}
}

// TestOldKeysAreFetchedAgain checks that keys older than freshKeys are fetched again, and
// that no call waits for that.
func TestOldKeysAreFetchedAgain(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "k", jose.EdDSA)
	p := startProvider(t, key.public)
	tokens, at := p.tokens(t, nil)
	for want := 1; want <= 2; want++ {
		if _, err := tokens.Check(t.Context(), key.sign(t, p.claims(map[string]any{"exp": at.now().Add(time.Hour).Unix()}))); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); p.fetched() < want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d fetches, want %d", p.fetched(), want)
			}
		}
		if want == 1 { // waits until the second fetch has read the clock
			at.advance(freshKeys + time.Second)
		}
	}
}

func TestKeySetFile(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "k", jose.ES256)
	path := filepath.Join(t.TempDir(), "jwks.json")
	write := func(value any) {
		t.Helper()
		content, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.public}})
	cfg := TokenConfig{
		Issuer: "https://example.com", Audience: "a", JWKS: path, Algorithms: []string{"ES256"}, RoleClaim: "r", Logger: slog.New(slog.DiscardHandler),
	}
	tokens, err := NewTokens(cfg)
	if err != nil {
		t.Fatal(err)
	}
	token := key.sign(t, map[string]any{"iss": cfg.Issuer, "aud": "a", "sub": "s", "r": "read", "exp": time.Now().Add(time.Hour).Unix()})
	if caller, err := tokens.Check(t.Context(), token); err != nil || caller.Role != Read {
		t.Errorf("caller %v, error %v", caller, err)
	}
	// Neither a shared secret nor an encryption key is a signing key.
	write(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: []byte("secret"), KeyID: "s"}, {Key: key.public.Key, KeyID: "k", Use: "enc"}}})
	for what, change := range map[string]func(*TokenConfig){
		"no signing key": func(*TokenConfig) {},
		"no file":        func(c *TokenConfig) { c.JWKS += ".absent" },
		"plain HTTP":     func(c *TokenConfig) { c.JWKS = "http://example.com/keys" },
		"HS256":          func(c *TokenConfig) { c.Algorithms = []string{"HS256"} },
		"none":           func(c *TokenConfig) { c.Algorithms = []string{"none"} },
		"no audience":    func(c *TokenConfig) { c.Audience = "" },
		"plain issuer":   func(c *TokenConfig) { c.JWKS, c.Issuer = "", "http://example.com" },
	} {
		wrong := cfg
		change(&wrong)
		if _, err := NewTokens(wrong); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
