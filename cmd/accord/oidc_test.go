package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// provider issues tokens for the collection default with the role read.
type provider struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newProvider(t *testing.T) provider {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return provider{public, private}
}

// flags returns the flags of a server that accepts the provider's tokens.
func (p provider) flags(t *testing.T) []string {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.public, KeyID: "k", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "accord", "--jwks", writeFile(t, t.TempDir(), "jwks.json", string(set)),
		"--oidc-collections-claim", "accord_collections",
	}
}

// token returns a token with some claims changed.
func (p provider) token(t *testing.T, changes map[string]any) string {
	t.Helper()
	return p.sign(t, jose.EdDSA, p.private, changes)
}

// sign is like token, with another algorithm and key.
func (p provider) sign(t *testing.T, alg jose.SignatureAlgorithm, key any, changes map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"iss": "https://issuer.example.com", "aud": "accord", "sub": "someone", "exp": time.Now().Add(time.Hour).Unix(),
		"accord_role": "read", "accord_collections": []string{"default"},
	}
	maps.Copy(claims, changes)
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Signed(signing).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// unsigned is a token with the algorithm none.
const unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ4In0."

// TestTokensOfProvider calls a server with JWTs and with API keys. The tests of
// internal/auth cover more kinds of forged tokens.
func TestTokensOfProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	g := guarded{database: storetest.URL(t)}
	g.addr = serve(t, append(p.flags(t), "--database-url", g.database, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--auth", "keys,oidc")...)
	with := func(changes map[string]any) string { return p.token(t, changes) }
	for _, test := range []struct {
		what, token string
		code        codes.Code
		reason      string
	}{
		{"good", with(nil), codes.OK, ""},
		{"expired", with(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), codes.Unauthenticated, "CREDENTIALS_EXPIRED"},
		{"another audience", with(map[string]any{"aud": "x"}), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"another issuer", with(map[string]any{"iss": "https://example.com"}), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"alg none", unsigned, codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"HS256 with the public key", p.sign(t, jose.HS256, []byte(p.public), nil), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"without a role", with(map[string]any{"accord_role": nil}), codes.PermissionDenied, "ROLE_TOO_LOW"},
		{"of another collection", with(map[string]any{"accord_collections": "news"}), codes.PermissionDenied, "COLLECTION_DENIED"},
		{"of no collection", with(map[string]any{"accord_collections": nil}), codes.PermissionDenied, "COLLECTION_DENIED"},
		{"a key", g.key(t), codes.OK, ""},
	} {
		c := g.dial(t, test.token)
		refused(t, test.what, c.find(t, ""), test.code, test.reason)
		if test.code == codes.OK {
			refused(t, test.what+" that writes", c.write(t, "collections/default/documents/a"), codes.PermissionDenied, "ROLE_TOO_LOW")
		}
	}
}
