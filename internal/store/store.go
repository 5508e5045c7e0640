// Package store keeps collections, documents, passages and vectors in Postgres
// with pgvector. It knows SQL and nothing of models, files or gRPC.
//
// Every statement works behind a transaction pooler: nothing is prepared under
// a name there, settings and advisory locks end with their transaction.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"
)

// Config says which database is used and how.
type Config struct {
	// URL is a libpq connection string or URL.
	URL string
	// ReplicaURLs are of read replicas, each with a pool of its own.
	ReplicaURLs []string
	// ReplicaMaxLag is how far a replica may be behind the primary to answer what does
	// not ask for a position; 0 for 5 s.
	ReplicaMaxLag time.Duration
	// MaxConns bounds the pool; 0 is pgxpool's default, the greater of 4 and
	// the number of CPUs.
	MaxConns int32
	// Timeout bounds one read, 0 for 10 s. A write has six times as long: the
	// longest documents have tens of thousands of vectors.
	Timeout time.Duration
	// HNSWMinRows is how many rankable passages of a language make it worth an HNSW
	// index, 0 for 2,000. Below, exact search takes 2.5 ms at most, at 384 dimensions, misses nothing, and
	// needs no index kept up.
	HNSWMinRows int64
	// ExactPassages is how many passages of a language a filter may let through for
	// all of them to be compared, 0 for 15,000: that many of 100,000 take as long as
	// with an HNSW index, and none is missed.
	ExactPassages int
	// Tracer sees every statement; nil for none.
	Tracer pgx.QueryTracer
	// Logger gets what happens in the background; nil for slog.Default.
	Logger *slog.Logger
}

const (
	connectTimeout     = 5 * time.Second
	defaultTimeout     = 10 * time.Second
	writeFactor        = 6
	defaultHNSWMinRows = 2_000
	defaultExact       = 15_000
)

// Store is a pool of connections to one database. It is safe for concurrent
// use. Close ends it.
type Store struct {
	pool *pgxpool.Pool
	// probe has one connection of its own, so that a busy pool does not look
	// like a database that is down.
	probe    *pgxpool.Pool
	timeout  time.Duration
	exact    int // Config.ExactPassages
	log      *slog.Logger
	indexes  *indexKeeper
	removals *remover
	replicas *replicas
	analyses *analyser
	counted  sync.Map // collection → *atomic.Int64, counts of terms changed by this process
}

// Open prepares a store without connecting, so that a server may start before
// its database; every method tells by ErrUnavailable while there is none.
func Open(cfg Config) (*Store, error) {
	s := &Store{timeout: cfg.Timeout, exact: cfg.ExactPassages, log: cfg.Logger}
	if s.exact == 0 {
		s.exact = defaultExact
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	var err error
	if s.pool, s.probe, err = openPools(cfg.URL, cfg); err != nil {
		return nil, err
	}
	if s.replicas, err = openReplicas(cfg, s.probe, s.log); err != nil {
		s.probe.Close()
		s.pool.Close()
		return nil, err
	}
	minRows := cfg.HNSWMinRows
	if minRows == 0 {
		minRows = defaultHNSWMinRows
	}
	s.indexes = newIndexKeeper(s.pool, minRows, s.log)
	s.removals = newRemover(s)
	s.analyses = newAnalyser(s.pool, s.log)
	return s, nil
}

// openPools prepares the connections to a server, and one beside them.
func openPools(url string, cfg Config) (many, one *pgxpool.Pool, err error) {
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("database URL: %w", err)
	}
	if cfg.MaxConns > 0 {
		pool.MaxConns = cfg.MaxConns
	}
	prepares := suitPooler(pool.ConnConfig)
	pool.ConnConfig.Tracer = cfg.Tracer
	pool.AfterConnect = registerVectorTypes
	if prepares {
		pool.BeforeConnect = new(directness).prepare
	}
	if many, err = pgxpool.NewWithConfig(context.Background(), pool); err != nil {
		return nil, nil, fmt.Errorf("database pool: %w", err)
	}
	single := pool.Copy()
	single.MaxConns, single.MinConns = 1, 0
	if one, err = pgxpool.NewWithConfig(context.Background(), single); err != nil {
		many.Close()
		return nil, nil, fmt.Errorf("database pool: %w", err)
	}
	return many, one, nil
}

// connect makes one connection outside the pool, without pgvector's types.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	suitPooler(cfg)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	return conn, classify(ctx, err)
}

func registerVectorTypes(ctx context.Context, conn *pgx.Conn) error {
	if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) || conn.IsClosed() {
			return err
		}
		return fmt.Errorf("%w: the vector extension is not in the database: run `accord migrate`", ErrSchema)
	}
	return nil
}

// Close ends the background work and every connection.
func (s *Store) Close() {
	s.analyses.close()
	s.removals.close()
	s.indexes.close()
	s.replicas.close()
	s.probe.Close()
	s.pool.Close()
}

// Ping reports whether Postgres answers and holds this binary's schema or a
// later one: while replicas are upgraded one by one, those left go on.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(ctx context.Context) error {
		version, err := schemaVersion(ctx, s.probe)
		if err != nil {
			return err
		}
		return checkOutdated(version)
	})
}

// PingReads reports whether something answers reads: a replica that is up to date, or
// the primary as of Ping.
func (s *Store) PingReads(ctx context.Context) error {
	if s.replicas.usable() {
		return nil
	}
	return s.Ping(ctx)
}

// PingReplicas returns which replicas are not usable; nil if all are.
func (s *Store) PingReplicas(context.Context) error {
	var failed []error
	for _, r := range s.replicas.list {
		failed = append(failed, s.replicas.state(r))
	}
	return errors.Join(failed...)
}

// read runs fn, which sends one statement or one batch at a time to db(ctx), within the
// store's time limit, and gives the errors of the connection their sentinel.
// Postgres makes a transaction of what it is sent at once: one round trip, where
// inTx takes three.
func (s *Store) read(ctx context.Context, fn func(context.Context) error) error {
	limited, end := s.readLimit(ctx)
	defer end()
	return classify(ctx, judged(ctx, fn(limited)))
}

// inTx runs fn in one transaction, within the store's time limit, and gives
// the errors of the connection their sentinel.
func (s *Store) inTx(ctx context.Context, mode pgx.TxAccessMode, fn func(context.Context, pgx.Tx) error) error {
	if mode == pgx.ReadOnly {
		return s.read(ctx, func(ctx context.Context) error {
			return pgx.BeginTxFunc(ctx, s.db(ctx), pgx.TxOptions{AccessMode: mode}, func(tx pgx.Tx) error { return fn(ctx, tx) })
		})
	}
	limited, cancel := context.WithTimeout(ctx, writeFactor*s.timeout)
	defer cancel()
	err := pgx.BeginTxFunc(limited, s.pool, pgx.TxOptions{AccessMode: mode}, func(tx pgx.Tx) error {
		return fn(limited, tx)
	})
	return classify(ctx, err)
}
