package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
)

const selectAPIKeys = `SELECT key_id, name, role, collections, hash, previous, previous_end, create_time, expire_time, last_use_time FROM api_keys`

func scanAPIKey(row pgx.CollectableRow) (key auth.Key, err error) {
	var (
		role                      string
		hash, previous            []byte
		previousEnd, expire, used *time.Time
	)
	err = row.Scan(&key.ID, &key.Name, &role, &key.Collections, &hash, &previous, &previousEnd, &key.CreateTime, &expire, &used)
	if err != nil {
		return key, err
	}
	copy(key.Hash[:], hash)
	copy(key.Previous[:], previous)
	key.PreviousEnd, key.ExpireTime, key.LastUse = orZero(previousEnd), orZero(expire), orZero(used)
	key.Role, err = auth.ParseRole(role)
	return key, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// APIKey returns an API key, or document.ErrNotFound. If the primary cannot be reached, a
// replica answers, so that searches go on.
func (s *Store) APIKey(ctx context.Context, id string) (key auth.Key, err error) {
	read := func(ctx context.Context) error {
		return s.read(ctx, func(ctx context.Context) error {
			rows, err := s.db(ctx).Query(ctx, selectAPIKeys+" WHERE key_id = $1", id)
			if err != nil {
				return err
			}
			key, err = pgx.CollectExactlyOneRow(rows, scanAPIKey)
			return notFound(err, "key "+id)
		})
	}
	if !s.Replicated() {
		err = read(ctx)
		return key, err
	}
	primary, cancel := context.WithTimeout(ctx, primaryKeyLimit)
	defer cancel()
	if err = read(primary); err == nil || errors.Is(err, document.ErrNotFound) || ctx.Err() != nil {
		return key, err
	}
	if onReplica, reading := s.OnReplica(ctx, 0); reading != nil {
		err = read(onReplica)
	}
	return key, err
}

// primaryKeyLimit is how long APIKey waits for the primary before it asks a replica.
const primaryKeyLimit = time.Second

// APIKeyUsed records that a key is used now, unless that was recorded within the last
// minute.
func (s *Store) APIKeyUsed(ctx context.Context, id string) error {
	return s.inTx(ctx, pgx.ReadWrite, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE api_keys SET last_use_time = now()
			WHERE key_id = $1 AND (last_use_time IS NULL OR last_use_time < now() - interval '1 minute')`, id)
		return err
	})
}

// HasAPIKeys reports whether there are API keys.
func (s *Store) HasAPIKeys(ctx context.Context) (has bool, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.db(ctx).QueryRow(ctx, "SELECT EXISTS (SELECT FROM api_keys)").Scan(&has)
	})
	return has, err
}

// APIKeys manages the API keys of a database over one connection.
type APIKeys struct{ conn *pgx.Conn }

// ConnectAPIKeys connects to the database at url. Its error is ErrSchema if the database
// has not been migrated.
func ConnectAPIKeys(ctx context.Context, url string) (*APIKeys, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	version, err := schemaVersion(ctx, conn)
	if err == nil {
		err = checkOutdated(version)
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, classify(ctx, err)
	}
	return &APIKeys{conn}, nil
}

// Close closes the connection.
func (k *APIKeys) Close(ctx context.Context) { _ = k.conn.Close(context.WithoutCancel(ctx)) }

// Create stores a new key.
func (k *APIKeys) Create(ctx context.Context, key auth.Key) error {
	var expire *time.Time
	if !key.ExpireTime.IsZero() {
		expire = &key.ExpireTime
	}
	_, err := k.conn.Exec(ctx, `INSERT INTO api_keys (key_id, name, role, collections, hash, expire_time) VALUES ($1, $2, $3, $4, $5, $6)`,
		key.ID, key.Name, key.Role.String(), []string(key.Collections), key.Hash[:], expire)
	if err != nil {
		return classify(ctx, fmt.Errorf("store the key: %w", err))
	}
	return nil
}

// List returns all keys, oldest first.
func (k *APIKeys) List(ctx context.Context) ([]auth.Key, error) {
	rows, err := k.conn.Query(ctx, selectAPIKeys+" ORDER BY create_time, key_id")
	if err != nil {
		return nil, classify(ctx, err)
	}
	keys, err := pgx.CollectRows(rows, scanAPIKey)
	return keys, classify(ctx, err)
}

// Revoke deletes a key, or returns document.ErrNotFound.
func (k *APIKeys) Revoke(ctx context.Context, id string) error {
	return k.change(ctx, id, "DELETE FROM api_keys WHERE key_id = $1", id)
}

// Rotate replaces the secret of a key. The replaced secret is accepted for a grace period;
// the one before it is not. Rotate returns document.ErrNotFound if there is no such key.
func (k *APIKeys) Rotate(ctx context.Context, id string, hash auth.Hash, grace time.Duration) error {
	return k.change(ctx, id, `UPDATE api_keys SET previous = hash, previous_end = now() + $3, hash = $2 WHERE key_id = $1`, id, hash[:], grace)
}

func (k *APIKeys) change(ctx context.Context, id, sql string, args ...any) error {
	done, err := k.conn.Exec(ctx, sql, args...)
	if err == nil && done.RowsAffected() == 0 {
		err = notFound(pgx.ErrNoRows, "key "+id)
	}
	return classify(ctx, err)
}
