package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationLock is the key of the advisory lock that keeps two migrations of one database
// from running at the same time. It is an arbitrary number that nothing else uses as a key.
const migrationLock = 7_115_202_611_22

type migration struct {
	version int
	name    string
	sql     string
}

// migrations returns the embedded files in order. They are numbered from 1 without
// gaps. Files are only ever added.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	all := make([]migration, len(names))
	for i, name := range names {
		base := path.Base(name)
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", base, i+1)
		}
		sql, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", base, err)
		}
		all[i] = migration{version: version, name: base, sql: string(sql)}
	}
	return all, nil
}

// Migrate updates the database at url to this binary's schema and returns the names of
// the migrations that it applied. They are applied in one transaction, so the database
// is unchanged if one fails. It refuses a database that a newer binary has migrated.
func Migrate(ctx context.Context, url string) (applied []string, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		applied, err = migrateTx(ctx, tx)
		return err
	})
	return applied, classify(ctx, err)
}

// PlanMigration returns the names of the migrations that Migrate would apply to the
// database at url, in order. It changes nothing.
func PlanMigration(ctx context.Context, url string) (names []string, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	pending, err := pendingMigrations(ctx, conn)
	for _, m := range pending {
		names = append(names, m.name)
	}
	return names, classify(ctx, err)
}

func migrateTx(ctx context.Context, tx pgx.Tx) (applied []string, err error) {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return nil, fmt.Errorf("wait for another migration: %w", err)
	}
	if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version integer PRIMARY KEY, name text NOT NULL, apply_time timestamptz NOT NULL DEFAULT now())`); err != nil {
		return nil, fmt.Errorf("create schema_migrations: %w", err)
	}
	pending, err := pendingMigrations(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, m := range pending {
		// This uses the simple protocol, because a file has several statements.
		if _, err := tx.Conn().PgConn().Exec(ctx, m.sql).ReadAll(); err != nil {
			return nil, fmt.Errorf("migration %s: %w", m.name, err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", m.version, m.name); err != nil {
			return nil, fmt.Errorf("record migration %s: %w", m.name, err)
		}
		applied = append(applied, m.name)
	}
	return applied, nil
}

// pendingMigrations returns the migrations that the database does not have yet, in order.
// It refuses a database that a newer binary has migrated.
func pendingMigrations(ctx context.Context, db querier) ([]migration, error) {
	current, err := schemaVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	if current > len(all) {
		return nil, newerSchema(current, len(all))
	}
	return all[current:], nil
}

func newerSchema(version, known int) error {
	return fmt.Errorf("%w: the database is at version %d and this binary knows %d: use a newer accord, or restore the backup from before the upgrade",
		ErrSchema, version, known)
}

// schemaVersion returns the number of the last applied migration, or 0 for a database
// without Accord's schema.
func schemaVersion(ctx context.Context, db querier) (int, error) {
	var version int
	err := db.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&version)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && undefinedObject(pg.Code) {
		return 0, nil
	}
	return version, err
}

// checkSchema returns an error if a database cannot be read, or its schema is older than
// this binary needs. A later schema is accepted, so that a server continues to work while its
// successor migrates the database.
func checkSchema(ctx context.Context, db querier) error {
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	return checkOutdated(version)
}

// checkFirst is checkSchema for the first time that a store sees its database. A server must
// not begin to work on a schema that it does not know.
func (s *Store) checkFirst(ctx context.Context) error {
	version, err := schemaVersion(ctx, s.probe)
	if err != nil {
		return err
	}
	all, err := migrations()
	if err != nil {
		return err
	}
	if version > len(all) && !s.known.Load() {
		return newerSchema(version, len(all))
	}
	if err := checkOutdated(version); err != nil {
		return err
	}
	s.known.Store(true)
	return nil
}

// checkOutdated returns an error if the schema is older than this binary needs.
func checkOutdated(version int) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	if version < len(all) {
		return fmt.Errorf("%w: the database is at version %d and this binary needs %d: run `accord migrate`", ErrSchema, version, len(all))
	}
	return nil
}
