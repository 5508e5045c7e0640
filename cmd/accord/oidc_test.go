package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestTokensOfProvider calls a server with JWTs and with API keys. The tests of
// internal/auth cover more kinds of forged tokens.
func TestTokensOfProvider(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	g := guarded{database: storetest.URL(t)}
	g.addr = serve(t, "--database-url", g.database, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--auth", "keys,oidc",
		"--oidc-issuer", "https://issuer.example.com", "--oidc-audience", "accord", "--jwks", writeFile(t, t.TempDir(), "jwks.json", string(set)),
		"--oidc-collections-claim", "accord_collections")
	token := func(alg jose.SignatureAlgorithm, key any, changes map[string]any) string {
		t.Helper()
		claims := map[string]any{
			"iss": "https://issuer.example.com", "aud": "accord", "sub": "someone", "exp": time.Now().Add(time.Hour).Unix(),
			"accord_role": "read", "accord_collections": []string{"default"},
		}
		for name, value := range changes {
			claims[name] = value
		}
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
	with := func(changes map[string]any) string { return token(jose.EdDSA, private, changes) }
	for _, test := range []struct {
		what, token string
		code        codes.Code
		reason      string
	}{
		{"good", with(nil), codes.OK, ""},
		{"expired", with(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), codes.Unauthenticated, "CREDENTIALS_EXPIRED"},
		{"another audience", with(map[string]any{"aud": "x"}), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"another issuer", with(map[string]any{"iss": "https://example.com"}), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"alg none", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ4In0.", codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{"HS256 with the public key", token(jose.HS256, []byte(public), nil), codes.Unauthenticated, "CREDENTIALS_INVALID"},
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
