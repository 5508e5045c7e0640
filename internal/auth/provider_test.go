package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// provider is an OpenID Connect provider over HTTP.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	fetches int
	down    bool
	hanging bool // whether requests for keys wait until the caller gives up
}

func startProvider(t *testing.T, keys ...jose.JSONWebKey) *provider {
	t.Helper()
	p := &provider{keys: jose.JSONWebKeySet{Keys: keys}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL, "token_endpoint": p.URL})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fetches++
		if p.hanging {
			p.mu.Unlock()
			<-r.Context().Done()
			p.mu.Lock()
			return
		}
		if p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer(w, p.keys)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// set changes how the provider answers from now on.
func (p *provider) set(down bool, keys ...jose.JSONWebKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.keys = down, jose.JSONWebKeySet{Keys: keys}
}

func (p *provider) fetched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

const testAudience = "accord-test"

// tokens returns Tokens that trust the provider, and their clock.
func (p *provider) tokens(t *testing.T, change func(*TokenConfig)) (*Tokens, *clock) {
	t.Helper()
	cfg := TokenConfig{
		Issuer: p.URL, Audience: testAudience, Algorithms: []string{"RS256", "ES256", "EdDSA"},
		RoleClaim: "accord_role", Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	tokens, err := NewTokens(cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := &clock{at: time.Now()}
	tokens.now, tokens.keys.now = at.now, at.now
	return tokens, at
}

// signer is a private key with an id.
type signer struct {
	private any
	public  jose.JSONWebKey
	alg     jose.SignatureAlgorithm
}

func newSigner(t *testing.T, id string, alg jose.SignatureAlgorithm) signer {
	t.Helper()
	var private, public any
	switch alg {
	case jose.RS256:
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		private, public = key, &key.PublicKey
	case jose.ES256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		private, public = key, &key.PublicKey
	default:
		open, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		private, public = key, open
	}
	return signer{private, jose.JSONWebKey{Key: public, KeyID: id, Use: "sig"}, alg}
}

// sign returns a JWT.
func (s signer) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	return sign(t, s.alg, jose.JSONWebKey{Key: s.private, KeyID: s.public.KeyID}, claims)
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signing).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// claims returns the claims of a valid token, with some of them changed.
func (p *provider) claims(changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss": p.URL, "aud": testAudience, "sub": "someone", "exp": time.Now().Add(time.Hour).Unix(), "accord_role": "write",
	}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}
