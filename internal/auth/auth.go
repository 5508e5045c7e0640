// Package auth finds out who a caller is, by an API key or by a JWT of an OpenID Connect
// provider, and what the caller may do: a role, and a set of collections. The package knows
// neither gRPC nor SQL.
package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrMissing means that a call has no credential.
	ErrMissing = errors.New("the call has no credential")
	// ErrInvalid means that a credential is not accepted. The wrapping error has the
	// reason, which is for the log only.
	ErrInvalid = errors.New("the credential is not valid")
	// ErrExpired means that a credential was accepted before and has expired.
	ErrExpired = errors.New("the credential has expired")
	// ErrUnavailable means that a credential cannot be checked now.
	ErrUnavailable = errors.New("the credential cannot be checked now")
)

// Role is what a caller may do. A higher role includes all lower ones.
type Role int

// The roles, lowest first.
const (
	NoRole Role = iota
	Read
	Write
	Admin
)

var roleNames = [...]string{"none", "read", "write", "admin"}

// String returns the name of the role.
func (r Role) String() string { return roleNames[r] }

// ParseRole returns the role of a name: read, write or admin.
func ParseRole(name string) (Role, error) {
	for role := Read; role <= Admin; role++ {
		if role.String() == name {
			return role, nil
		}
	}
	return NoRole, fmt.Errorf("role %q: must be read, write or admin", name)
}

// Identity is a caller whose credential was accepted.
type Identity struct {
	// Name is for the log: key:{id}, or the subject of a JWT.
	Name        string
	Role        Role
	Collections Collections
}

// Authenticator checks credentials. Keys or Tokens may be nil.
type Authenticator struct {
	Keys   *Keys
	Tokens *Tokens
}

// Check returns the caller that a credential belongs to. The error is ErrInvalid,
// ErrExpired, ErrUnavailable, or that of ctx.
func (a Authenticator) Check(ctx context.Context, credential string) (Identity, error) {
	isKey := strings.HasPrefix(credential, keyPrefix)
	switch {
	case isKey && a.Keys != nil:
		return a.Keys.Check(ctx, credential)
	case !isKey && a.Tokens != nil:
		return a.Tokens.Check(ctx, credential)
	default:
		return Identity{}, fmt.Errorf("%w: credentials of this kind are not configured", ErrInvalid)
	}
}

type identityKey struct{}

// NewContext returns a context that carries the caller of a call.
func NewContext(ctx context.Context, caller Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, caller)
}

// CallerName returns the name of the caller in a context, or "" if the server does not
// check callers.
func CallerName(ctx context.Context) string {
	caller, _ := ctx.Value(identityKey{}).(Identity)
	return caller.Name
}

// Visible returns the collections that the caller in a context may see. It returns all if
// the server does not check callers.
func Visible(ctx context.Context) Collections {
	if caller, checked := ctx.Value(identityKey{}).(Identity); checked {
		return caller.Collections
	}
	return AllCollections()
}
