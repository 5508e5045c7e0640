package auth

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey, edKey := newSigner(t, "r", jose.RS256), newSigner(t, "e", jose.ES256), newSigner(t, "d", jose.EdDSA)
	stranger := newSigner(t, "r", jose.RS256)
	p := startProvider(t, rsaKey.public, ecKey.public, edKey.public)
	tokens, _ := p.tokens(t, nil)

	der, err := x509.MarshalPKIXPublicKey(rsaKey.public.Key)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	good := p.claims(nil)
	signed := rsaKey.sign(t, good)
	encode := func(value any) string {
		content, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(content)
	}
	since := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for _, test := range []struct {
		what, token string
		want        error
	}{
		{"RS256", signed, nil},
		{"ES256", ecKey.sign(t, good), nil},
		{"EdDSA", edKey.sign(t, good), nil},
		{"two audiences", rsaKey.sign(t, p.claims(map[string]any{"aud": []string{"x", testAudience}})), nil},
		{"just expired", rsaKey.sign(t, p.claims(map[string]any{"exp": since(-50 * time.Second)})), nil},
		{"valid in a moment", rsaKey.sign(t, p.claims(map[string]any{"nbf": since(50 * time.Second)})), nil},
		{"expired", rsaKey.sign(t, p.claims(map[string]any{"exp": since(-70 * time.Second)})), ErrExpired},
		{"without expiry", rsaKey.sign(t, p.claims(map[string]any{"exp": nil})), ErrInvalid},
		{"not valid yet", rsaKey.sign(t, p.claims(map[string]any{"nbf": since(70 * time.Second)})), ErrInvalid},
		{"another audience", rsaKey.sign(t, p.claims(map[string]any{"aud": "another"})), ErrInvalid},
		{"without audience", rsaKey.sign(t, p.claims(map[string]any{"aud": nil})), ErrInvalid},
		{"another issuer", rsaKey.sign(t, p.claims(map[string]any{"iss": "https://example.com"})), ErrInvalid},
		{"without issuer", rsaKey.sign(t, p.claims(map[string]any{"iss": nil})), ErrInvalid},
		{"another key of that id", stranger.sign(t, good), ErrInvalid},
		{"alg none", encode(map[string]any{"alg": "none", "typ": "JWT"}) + "." + encode(good) + ".", ErrInvalid},
		{"HS256 with the public key", sign(t, jose.HS256, publicPEM, good), ErrInvalid},
		{"HS256 with the modulus", sign(t, jose.HS256, der, good), ErrInvalid},
		{"a key in its header", signWithOwnKey(t, stranger, good), ErrInvalid},
		{"other claims under the signature", withPayload(signed, encode(p.claims(map[string]any{"accord_role": "admin"}))), ErrInvalid},
		{"too long", signed + strings.Repeat("x", maxTokenBytes), ErrInvalid},
		{"garbage", "garbage", ErrInvalid},
		{"empty", "", ErrInvalid},
	} {
		caller, err := Authenticator{Tokens: tokens}.Check(t.Context(), test.token)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.what, err, test.want)
		}
		if want := (Identity{Name: "subject:someone", Role: Write, Collections: AllCollections()}); err == nil {
			if diff := cmp.Diff(want, caller); diff != "" {
				t.Errorf("%s: caller (-want +got):\n%s", test.what, diff)
			}
		} else if caller.Role != NoRole {
			t.Errorf("%s: a refused caller is %v", test.what, caller)
		}
	}
}

// signWithOwnKey returns a JWT whose header contains the key that signed it.
func signWithOwnKey(t *testing.T, s signer, claims map[string]any) string {
	t.Helper()
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: s.alg, Key: s.private}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signing).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func withPayload(token, payload string) string {
	parts := strings.Split(token, ".")
	parts[1] = payload
	return strings.Join(parts, ".")
}

func TestTokenClaims(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "k", jose.EdDSA)
	p := startProvider(t, key.public)
	for _, test := range []struct {
		what              string
		role, collections string // claims that the configuration names
		claims            map[string]any
		want              Identity
	}{
		{"a list of roles", "roles", "", map[string]any{"roles": []string{"offline", "read", "admin"}}, Identity{Role: Admin, Collections: AllCollections()}},
		{"a path", "realm_access.roles", "", map[string]any{"realm_access": map[string]any{"roles": []string{"read"}}}, Identity{Role: Read, Collections: AllCollections()}},
		{"a name with dots", "https://example.com/role", "", map[string]any{"https://example.com/role": "write"}, Identity{Role: Write, Collections: AllCollections()}},
		{"words of a text", "scope", "", map[string]any{"scope": "openid read"}, Identity{Role: Read, Collections: AllCollections()}},
		{"no role", "roles", "", nil, Identity{Collections: AllCollections()}},
		{"a role that does not exist", "roles", "", map[string]any{"roles": "root"}, Identity{Collections: AllCollections()}},
		{"a role that is a number", "roles", "", map[string]any{"roles": 3}, Identity{Collections: AllCollections()}},
		{"collections", "r", "c", map[string]any{"r": "read", "c": []string{"news", "a-*"}}, Identity{Role: Read, Collections: Collections{"news", "a-*"}}},
		{"no collections", "r", "c", map[string]any{"r": "read"}, Identity{Role: Read}},
		{"broken collections", "r", "c", map[string]any{"r": "read", "c": []string{"news", "NO"}}, Identity{Role: Read}},
	} {
		tokens, _ := p.tokens(t, func(cfg *TokenConfig) { cfg.RoleClaim, cfg.CollectionsClaim = test.role, test.collections })
		caller, err := tokens.Check(t.Context(), key.sign(t, p.claims(test.claims)))
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		test.want.Name = "subject:someone"
		if caller.Collections != nil && len(caller.Collections) == 0 {
			caller.Collections = nil
		}
		if diff := cmp.Diff(test.want, caller); diff != "" {
			t.Errorf("%s: caller (-want +got):\n%s", test.what, diff)
		}
	}
}
