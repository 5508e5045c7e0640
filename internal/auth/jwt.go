package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// clockSkew is how far the clocks of provider and server may differ.
	clockSkew = time.Minute
	// maxTokenBytes bounds a JWT.
	maxTokenBytes = 16 << 10
)

// algorithms are the signature algorithms that can be configured. All use a key pair:
// with a shared secret (HS256), whoever checks tokens could make them.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// TokenConfig configures which JWTs are accepted.
type TokenConfig struct {
	// Issuer must be the claim iss of a token.
	Issuer string
	// Audience must be in the claim aud of a token.
	Audience string
	// JWKS is the file or URL of the issuer's signing keys, a JSON Web Key Set. If it
	// is empty, they are found through OpenID Connect discovery.
	JWKS string
	// Algorithms are the accepted signature algorithms.
	Algorithms []string
	// RoleClaim is the claim that has a role or a list of roles; the highest counts. A path
	// such as realm_access.roles reads a field of an object.
	RoleClaim string
	// CollectionsClaim is the claim with patterns of collections: a list, or a text with
	// spaces between them. If it is empty, tokens are valid for all collections. If it is
	// set, a token without the claim is valid for none.
	CollectionsClaim string
	Logger           *slog.Logger
}

// Tokens checks JWTs. It is safe for concurrent use.
type Tokens struct {
	cfg  TokenConfig
	now  func() time.Time
	keys *keySet
}

// NewTokens returns Tokens. It reads a key file at once. It does not connect to a provider:
// keys are fetched for the first token.
func NewTokens(cfg TokenConfig) (*Tokens, error) {
	if cfg.Issuer == "" || cfg.Audience == "" || len(cfg.Algorithms) == 0 {
		return nil, errors.New("issuer, audience and algorithms must be set")
	}
	keys := &keySet{log: cfg.Logger, now: time.Now}
	for _, name := range cfg.Algorithms {
		if !slices.Contains(algorithms, jose.SignatureAlgorithm(name)) {
			return nil, fmt.Errorf("algorithm %q: must be one of %v", name, algorithms)
		}
		keys.algorithms = append(keys.algorithms, jose.SignatureAlgorithm(name))
	}
	var err error
	if keys.fetch, err = newFetch(cfg); err != nil {
		return nil, err
	}
	return &Tokens{cfg: cfg, now: time.Now, keys: keys}, nil
}

// Check returns the caller that a JWT belongs to. See Authenticator.Check for the errors.
func (t *Tokens) Check(ctx context.Context, token string) (Identity, error) {
	if len(token) > maxTokenBytes {
		return Identity{}, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalid, maxTokenBytes)
	}
	payload, err := t.keys.verify(ctx, token)
	if ctx.Err() != nil {
		return Identity{}, ctx.Err()
	}
	if err != nil {
		return Identity{}, err
	}
	var (
		standard jwt.Claims
		claims   map[string]any
	)
	if err := errors.Join(json.Unmarshal(payload, &standard), json.Unmarshal(payload, &claims)); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	err = standard.ValidateWithLeeway(jwt.Expected{
		Issuer: t.cfg.Issuer, AnyAudience: jwt.Audience{t.cfg.Audience}, Time: t.now(),
	}, clockSkew)
	switch {
	case standard.Expiry == nil:
		return Identity{}, fmt.Errorf("%w: it has no claim exp", ErrInvalid)
	case errors.Is(err, jwt.ErrExpired):
		return Identity{}, fmt.Errorf("%w: %w", ErrExpired, err)
	case err != nil:
		return Identity{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return t.identity(standard.Subject, claims), nil
}

// identity reads the role and the collections from the claims of a token. Claims that it
// cannot read allow nothing.
func (t *Tokens) identity(subject string, claims map[string]any) Identity {
	caller := Identity{Name: "subject:" + subject}
	for _, name := range texts(claim(claims, t.cfg.RoleClaim)) {
		if role, err := ParseRole(name); err == nil {
			caller.Role = max(caller.Role, role)
		}
	}
	if t.cfg.CollectionsClaim == "" {
		caller.Collections = AllCollections()
		return caller
	}
	patterns, err := ParseCollections(texts(claim(claims, t.cfg.CollectionsClaim)))
	if err != nil {
		t.cfg.Logger.Warn("the collections of a token cannot be read, so it is for none", "caller", caller.Name, "error", err)
	}
	caller.Collections = patterns
	return caller
}

// claim returns the claim with a name, or the field with a path such as realm_access.roles,
// or nil.
func claim(claims map[string]any, path string) any {
	if value, ok := claims[path]; ok {
		return value
	}
	first, rest, found := strings.Cut(path, ".")
	inner, ok := claims[first].(map[string]any)
	if !found || !ok {
		return nil
	}
	return claim(inner, rest)
}

// texts returns the words of a string, or of all strings of a list.
func texts(value any) (out []string) {
	switch value := value.(type) {
	case string:
		return strings.Fields(value)
	case []any:
		for _, element := range value {
			if text, ok := element.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}
