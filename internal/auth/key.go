package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"
)

// keyPrefix begins every API key, so that scanners for leaked secrets can find it.
const keyPrefix = "accord_"

// The sizes of a key's random parts, in bytes before they are encoded. The id is public.
const (
	idBytes     = 10
	secretBytes = 32
)

var keyEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Hash is the SHA-256 of a secret. A slow hash such as bcrypt protects passwords that can
// be guessed. A secret has 256 random bits, so it cannot be guessed, and it is hashed on
// every call.
type Hash [sha256.Size]byte

// Key is a stored API key. It holds hashes of its secrets, not the secrets.
type Key struct {
	// ID identifies the key. It is part of the credential, but not secret.
	ID          string
	Name        string
	Role        Role
	Collections Collections
	Hash        Hash
	// Previous is the hash of the secret before the last rotation. It is accepted until
	// PreviousEnd, if that is set.
	Previous    Hash
	PreviousEnd time.Time
	CreateTime  time.Time
	// ExpireTime is zero if the key does not expire.
	ExpireTime time.Time
	// LastUse is up to a minute old, and zero if the key was never used.
	LastUse time.Time
}

// NewKeyID returns the id of a new key.
func NewKeyID() string { return randomText(idBytes) }

// NewCredential returns a credential for a key, accord_{id}_{secret}, and the hash to
// store.
func NewCredential(id string) (credential string, hash Hash) {
	secret := randomText(secretBytes)
	return keyPrefix + id + "_" + secret, hashOf(secret)
}

func randomText(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random) // never fails
	return keyEncoding.EncodeToString(random)
}

func hashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// splitCredential returns the id and the secret of a credential.
func splitCredential(credential string) (id, secret string, ok bool) {
	id, secret, ok = strings.Cut(strings.TrimPrefix(credential, keyPrefix), "_")
	return id, secret, ok &&
		len(id) == keyEncoding.EncodedLen(idBytes) && len(secret) == keyEncoding.EncodedLen(secretBytes)
}

// accepts reports whether a secret belongs to the key. The time that this takes does not
// depend on the secret.
func (k *Key) accepts(secret string, now time.Time) bool {
	hash := hashOf(secret)
	current := subtle.ConstantTimeCompare(hash[:], k.Hash[:])
	previous := subtle.ConstantTimeCompare(hash[:], k.Previous[:])
	return current == 1 || previous == 1 && now.Before(k.PreviousEnd)
}

// Expired reports whether the key has expired.
func (k *Key) Expired(now time.Time) bool {
	return !k.ExpireTime.IsZero() && !now.Before(k.ExpireTime)
}
